() => {
  // Gradio heads its messages with their kind in English, whatever title they are given.
  const titles = TITLES;
  const name = (title) => {
    const kind = Object.keys(titles).find((each) => title.classList.contains(each));
    const word = title.firstChild;
    if (kind && word && word.nodeType === Node.TEXT_NODE && word.data.trim() !== titles[kind]) {
      word.data = `${titles[kind]} `;
    }
  };
  new MutationObserver(() => document.querySelectorAll(".toast-title").forEach(name)).observe(document.body, {
    childList: true,
    subtree: true,
  });

  // Each tab has an address: the back button goes to the tab before, and a page that is loaded again opens its own.
  const here = () => location.hash.slice(1) || "ask";
  const show = () => {
    const tab = document.querySelector(`[role=tab][data-tab-id="${CSS.escape(here())}"]`);
    if (tab && tab.getAttribute("aria-selected") !== "true") tab.click();
  };
  document.addEventListener("click", (event) => {
    const tab = event.target.closest("[role=tab][data-tab-id]");
    const other = event.target.closest(".wence-head a");
    if (other) other.hash = location.hash;
    if (tab && tab.dataset.tabId !== here()) {
      history.pushState(null, "", `${location.pathname}${location.search}#${tab.dataset.tabId}`);
    }
  });
  addEventListener("popstate", show);
  show();

  // What somebody has written into a reply is not lost to a click: it is nowhere else until it is kept.
  let written = false;
  document.addEventListener("input", (event) => { written ||= Boolean(event.target.closest("#editor")); });
  document.addEventListener("click", (event) => { written &&= !event.target.closest("#keep"); });
  addEventListener("beforeunload", (event) => { if (written) event.preventDefault(); });
}
