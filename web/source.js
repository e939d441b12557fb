// A passage comes into view with its quoted words, and leads back to the mark that opened it; copy buttons copy.
let from = null;
const show = () => {
  const article = element.querySelector('.source');
  const mark = element.querySelector('mark');
  const opener = document.activeElement && document.activeElement.closest('button.cite');
  if (!article) return;
  from = opener || from;
  const { top, bottom } = article.getBoundingClientRect();
  if (top > window.innerHeight / 2 || bottom < 0) article.scrollIntoView({ block: 'start' });
  if (mark) mark.scrollIntoView({ block: 'nearest' });
  if (opener && opener.matches(':focus-visible')) article.querySelector('.passage').focus({ preventScroll: true });
};
watch('value', show);
element.addEventListener('click', async (event) => {
  if (event.target.closest('button[data-back]') && from && from.isConnected) {
    from.scrollIntoView({ block: 'center' });
    from.focus({ preventScroll: true });
  }
  const button = event.target.closest('button[data-copy]');
  if (!button || button.dataset.label) return;
  button.dataset.label = button.textContent;
  try { await navigator.clipboard.writeText(button.dataset.copy); } catch (_) {
    const area = document.createElement('textarea');
    area.value = button.dataset.copy; document.body.appendChild(area); area.select();
    document.execCommand('copy'); area.remove(); button.focus();
  }
  button.textContent = button.dataset.done;
  setTimeout(() => { button.textContent = button.dataset.label; delete button.dataset.label; }, 1500);
});
