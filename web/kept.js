// The conversation outlives a reload of its tab: the browser keeps it for this tab alone, and gives it back.
const storage = (work) => { try { return work(sessionStorage); } catch (_) { return null; } }; // it may be off, or full
const forget = () => storage((store) => store.removeItem('wence'));
watch('kept', () => { if (props.kept) storage((store) => store.setItem('wence', props.kept)); else forget(); });
document.addEventListener('submit', (event) => { if (event.target.closest('.wence-head')) forget(); }); // logging out
const before = storage((store) => store.getItem('wence'));
if (before) trigger('restore', { text: before });
