() => {
  // What gradio says in English only: the heads of its messages, the state of what is under way, some names.
  const titles = TITLES;
  const texts = TEXTS;
  const put = (node, said) => { if (said !== node.data) node.data = said; };
  const head = (title) => {
    const kind = Object.keys(titles).find((each) => title.classList.contains(each));
    const word = title.firstChild;
    if (kind && word && word.nodeType === Node.TEXT_NODE) put(word, `${titles[kind]} `);
  };
  const state = (line) => {
    for (const node of line.childNodes) {
      const known = Object.keys(texts).find((each) => node.nodeType === Node.TEXT_NODE && node.data.includes(each));
      if (known) put(node, node.data.replace(known, texts[known]));
    }
  };
  const named = (element) => {
    const said = texts[element.getAttribute("aria-label")];
    if (said) element.setAttribute("aria-label", said);
  };
  const translate = () => {
    document.querySelectorAll(".toast-title").forEach(head);
    document.querySelectorAll(".meta-text, .meta-text-center, .progress-text, .toast-message-text").forEach(state);
    document.querySelectorAll("button[aria-label]").forEach(named);
  };
  new MutationObserver(translate).observe(document.body, { childList: true, subtree: true });
  translate();

  // A click while the server cannot be reached would do nothing, and say nothing.
  const send = window.fetch.bind(window);
  const gone = () => {
    const head = document.querySelector(".wence-head");
    if (!head || head.querySelector(".gone")) return;
    const line = document.createElement("p");
    line.className = "gone";
    line.setAttribute("role", "alert");
    line.textContent = GONE;
    head.append(line);
    const look = () => send("/ready", { cache: "no-store" }).then(() => line.remove(), () => setTimeout(look, 1000));
    setTimeout(look, 1000);
  };
  window.fetch = (...asked) => send(...asked).catch((error) => {
    if (error instanceof TypeError) gone();
    throw error;
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
