// Clicks on marks and buttons of the conversation become one event that says what was clicked.
element.addEventListener('click', (event) => {
  const button = event.target.closest('button[data-turn]');
  if (!button) return;
  const { turn, n, good } = button.dataset;
  if (n !== undefined) trigger('select', { index: [Number(turn), Number(n)], value: 'source' });
  else trigger('like', { index: Number(turn), value: 'answer', liked: good === '1' });
});
