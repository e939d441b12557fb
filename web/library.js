// A related document that is in the index opens when its name is clicked.
element.addEventListener('click', (event) => {
  const button = event.target.closest('button[data-doc]');
  if (button) trigger('select', { index: 0, value: button.dataset.doc });
});
