// The list of rows, and the row that is open: clicks and keys become one event, `act`.
const idOf = (node) => Number(node.closest('[data-id]')?.dataset.id ?? 0);
const picked = () => [...element.querySelectorAll('.ts-pick:checked')].map(idOf);
const act = (what, ids, more) => trigger('act', { what, ids, ...more });
const idsFor = (node) => ('picked' in node.dataset ? picked() : [idOf(node)]);

// Labels are filled in when a choice of them is turned to: fifty rows with all labels are heavy.
const fill = (select) => {
  if (select.options.length > 1) return;
  const labels = JSON.parse(element.querySelector('[data-labels]').dataset.labels);
  for (const label of labels) select.add(new Option(label, label));
};
const recount = () => {
  const none = picked().length === 0;
  element.querySelectorAll('[data-picked]').forEach((node) => { node.disabled = none; });
};

// The tab Traces goes by the address. To follow a link would be to load the page anew, since the
// page has a base address.
const openSpan = (id) => {
  history.replaceState(null, '', `${window.location.pathname}${window.location.search}#span=${id}`);
  document.querySelector('[role=tab][data-tab-id=Traces]').click();
  window.dispatchEvent(new HashChangeEvent('hashchange'));
};

element.addEventListener('click', (event) => {
  const step = event.target.closest('button[data-span]');
  if (step) openSpan(step.dataset.span);
  const node = event.target.closest('button[data-do]');
  if (!node) return;
  const { do: what, page, row, output } = node.dataset;
  if (what === 'page') act(what, [], { page: Number(page) });
  else if (row) act(what, [Number(row)]);
  else act(what, idsFor(node), output === undefined ? {} : { output });
});
element.addEventListener('change', (event) => {
  const node = event.target;
  if (node.matches('[data-pick-all]')) {
    element.querySelectorAll('.ts-pick').forEach((box) => { box.checked = node.checked; });
    recount();
  } else if (node.matches('.ts-pick')) recount();
  else if (node.matches('select[data-do]') && node.value)
    act(node.dataset.do, idsFor(node), { output: node.value });
});
element.addEventListener('submit', (event) => {
  event.preventDefault();
  act(event.target.dataset.do, [idOf(event.target)], { output: event.target.elements.output.value });
});
for (const turned of ['pointerover', 'pointerdown', 'focusin', 'keydown'])
  element.addEventListener(turned, (event) => {
    if (event.target.matches?.('select[data-do]')) fill(event.target);
  });

const move = (row, forward) => {
  const next = forward ? row.nextElementSibling : row.previousElementSibling;
  if (next?.matches('.ts-row')) next.focus();
};
const keys = {
  a: (row) => act('accept', [idOf(row)]),
  r: (row) => act('reject', [idOf(row)]),
  u: () => act('undo', []),
  l: (row) => (row.querySelector('select') ?? row.querySelector('[data-do=open]')).focus(),
  x: (row) => { const box = row.querySelector('.ts-pick'); box.checked = !box.checked; recount(); },
  Enter: (row) => act('open', [idOf(row)]),
  ArrowDown: (row) => move(row, true),
  ArrowUp: (row) => move(row, false),
};
element.addEventListener('keydown', (event) => {
  const row = event.target;
  if (!row.matches('.ts-row') || event.ctrlKey || event.metaKey || event.altKey) return;
  if (!keys[event.key]) return;
  event.preventDefault();
  keys[event.key](row);
});

// What is shown anew keeps nothing that was chosen in what was shown before.
let open = '';
watch('value', () => {
  element.querySelectorAll('input[type=checkbox]').forEach((box) => { box.checked = false; });
  element.querySelectorAll('select[data-do]').forEach((one) => { one.selectedIndex = 0; });
  recount();
  const turnedTo = document.activeElement;
  if (element.contains(turnedTo) && turnedTo.matches('select[data-do]')) fill(turnedTo);
  const card = element.querySelector('.ts-opened');
  if (card?.dataset.id === open) return;
  const before = open;
  open = card?.dataset.id ?? '';
  const list = [...document.querySelectorAll('#ts-rows .ts-row')];
  list.forEach((row) => row.setAttribute('aria-current', String(row.dataset.id === open)));
  (card ?? list.find((row) => row.dataset.id === before))?.focus();
});
