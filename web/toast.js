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
}
