// The quoted words scroll into view; copy buttons put their text on the clipboard.
const show = () => { const mark = element.querySelector('mark'); if (mark) mark.scrollIntoView({ block: 'nearest' }); };
watch('value', show);
element.addEventListener('click', async (event) => {
  const button = event.target.closest('button[data-copy]');
  if (!button) return;
  const label = button.textContent;
  try { await navigator.clipboard.writeText(button.dataset.copy); } catch (_) {
    const area = document.createElement('textarea');
    area.value = button.dataset.copy; document.body.appendChild(area); area.select();
    document.execCommand('copy'); area.remove();
  }
  button.textContent = button.dataset.done;
  setTimeout(() => { button.textContent = label; }, 1500);
});
