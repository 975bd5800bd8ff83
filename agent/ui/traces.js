// Draws the steps of a run. What comes from the server becomes text nodes, never markup.
// `element`, `props`, `server` and `watch` are given by Gradio's HTML component.
const COUNT = 160, ROW = 28, LOOK_MS = 1000, SHARE = 5, CLAMPED = 900;
const $ = (name) => element.querySelector(name);
const list = $('.tv-list'), pane = $('.tv-detail'), say = $('.tv-status');
const filters = ['text', 'kind', 'errors', 'slowest'];
const control = (name) => $(`[name="${name}"]`);
let run = '', toggled = [], everything = false, active = '', open = '';
let data = null, zoom = null, asking = 0, waiting = 0, lookAt = 0;

// Building blocks -----------------------------------------------------------------------------

function make(tag, classes, ...children) {
  const made = document.createElement(tag);
  if (classes) made.className = classes;
  made.append(...children);
  return made;
}

function press(text, action) {
  const made = make('button', '', text);
  made.type = 'button';
  made.addEventListener('click', (event) => { event.stopPropagation(); action(); });
  return made;
}

function seconds(value) {
  if (value < 0.9995) return `${Math.round(value * 1000)} ms`;
  if (value < 60) return `${value.toFixed(value < 10 ? 2 : 1)} s`;
  const minutes = Math.floor(value / 60);
  if (minutes < 60) return `${minutes} m ${Math.floor(value % 60)} s`;
  return `${few(Math.floor(minutes / 60))} h ${minutes % 60} m`;
}

const few = (count) => count.toLocaleString('en-GB');
const short = (count) => (count < 1e5 ? few(count) : count < 1e6 ? `${Math.round(count / 1e3)}k` : `${(count / 1e6).toFixed(1)}M`);

// Asking the server ---------------------------------------------------------------------------

function wanted() {
  const told = { run, toggled, everything, count: COUNT, seek: active };
  for (const name of filters) {
    const found = control(name);
    told[name] = found.type === 'checkbox' ? found.checked : found.value;
  }
  return told;
}

// Gets rows and draws them, unless a later question has been asked meanwhile.
async function load(more = {}) {
  const mine = ++asking;
  waiting += 1;
  const first = data ? data.first : 0, began = performance.now();
  const found = await server.rows({ ...wanted(), first, ...more });
  waiting -= 1;
  // A trace that is long, and so takes a while, is looked at less often; one not yet read, at once.
  const took = performance.now() - began;
  lookAt = began + (found && found.behind ? 0 : Math.max(LOOK_MS, SHARE * took));
  if (mine !== asking) return;
  if (!found) return tell('the page cannot be reached; is it still running?');
  if (found.trouble) {
    hide(true);
    return tell(found.trouble);
  }
  if (found.same) return;
  data = found;
  toggled = found.toggled;
  draw();
  freshen();
  if (more.reveal && found.seek >= 0) list.scrollTop = found.seek * ROW - list.clientHeight / 2;
}

function tell(line) { say.textContent = line; }

// A tree without steps is an empty box.
function hide(empty) { $('.tv-split').classList.toggle('tv-none', empty); }

function summary() {
  if (data.behind) return `reading the trace, ${Math.round(100 - 100 * data.behind)}% …`;
  if (data.earlier) return 'This trace is of an earlier version of Tasksmith; it shows names and times only.';
  if (!data.spans) return 'No step has been traced yet.';
  const said = [`${few(data.spans)} steps in ${seconds(data.times[1] - data.times[0])}`];
  if (data.flat) said.unshift(`${few(data.total)} found`);
  if (data.foreign) said.push(`${few(data.foreign)} lines of the file are no steps`);
  return said.join(' · ');
}

// The tree and the times ----------------------------------------------------------------------

function draw() {
  tell(summary());
  hide(!data.spans);
  $('.tv-failed').textContent = data.failed ? ` ${few(data.failed)}` : '';
  control('everything').textContent = everything ? 'Fold all' : 'Unfold all';
  control('everything').setAttribute('aria-pressed', String(everything));
  control('everything').hidden = data.flat;
  control('unzoom').hidden = !zoom;
  $('.tv-tall').style.height = `${data.total * ROW}px`;
  $('.tv-rows').style.transform = `translateY(${data.first * ROW}px)`;
  list.setAttribute('aria-rowcount', data.total);
  const [from, until] = zoom || data.times;
  const axis = [0, 0.5, 1].map((part) => make('span', '', seconds(from - data.times[0] + part * (until - from))));
  $('.tv-axis').replaceChildren(...axis);
  $('.tv-head').style.paddingRight = `${8 + list.offsetWidth - list.clientWidth}px`;
  $('.tv-rows').replaceChildren(...data.rows.map((row, number) => line(row, data.first + number)));
  mark();
}

function line(row, number) {
  const made = make('div', `tv-r tv-k-${row.kind}${row.failed ? ' tv-fails' : ''}`);
  made.role = 'row';
  made.id = `tv-${row.id}`;
  made.ariaLevel = row.depth + 1;
  made.ariaRowIndex = number + 1;
  if (row.holds) made.ariaExpanded = String(row.unfolded);
  const took = make('span', 'tv-n', row.end === null ? `${seconds(row.seconds)} …` : seconds(row.seconds));
  const tokens = make('span', 'tv-n tv-wide', row.tokens ? short(row.tokens) : '');
  const cells = [title(row), took, tokens, bar(row)];
  for (const cell of cells) cell.role = 'gridcell';
  made.append(...cells);
  made.addEventListener('click', () => { choose(row); show(row.id); });
  made.addEventListener('dblclick', () => zoomTo([row.start, row.end === null ? data.now : row.end]));
  return made;
}

function title(row) {
  const fold = make('span', 'tv-fold', row.holds ? (row.unfolded ? '▾' : '▸') : '');
  if (row.holds) fold.addEventListener('click', (event) => { event.stopPropagation(); choose(row); toggle(row); });
  const made = make('span', 'tv-name', fold, make('i', 'tv-dot'), make('span', 'tv-what', row.name));
  made.style.setProperty('--depth', Math.min(row.depth, 14));
  if (row.failed) made.append(make('span', 'tv-badge tv-bad', 'failed'));
  if (row.within && !row.unfolded) made.append(make('span', 'tv-badge tv-bad', `${few(row.within)} failed in it`));
  if (row.cached) made.append(make('span', 'tv-badge', 'from the book'));
  if (row.note) made.append(make('span', 'tv-note', row.note));
  made.title = [row.name, row.note, row.usd ? `${row.usd.toFixed(6)} USD` : ''].filter(Boolean).join('\n');
  return made;
}

function bar(row) {
  const [from, until] = zoom || data.times;
  const long = Math.max(until - from, 1e-6);
  const start = Math.max(0, (row.start - from) / long);
  const end = Math.min(1, ((row.end === null ? data.now : row.end) - from) / long);
  const made = make('span', 'tv-time');
  if (start > 1 || end < 0) return made;
  const drawn = make('span', row.end === null ? 'tv-b tv-live' : 'tv-b');
  drawn.style.left = `min(${100 * start}%, 100% - 2px)`;
  drawn.style.width = `${100 * Math.max(0, end - start)}%`;
  made.append(drawn);
  return made;
}

function mark() {
  for (const row of $('.tv-rows').children) row.ariaSelected = String(row.id === `tv-${active}`);
  if (active) list.setAttribute('aria-activedescendant', `tv-${active}`);
}

function choose(row) {
  active = row.id;
  mark();
}

function toggle(row) {
  toggled = toggled.includes(row.id) ? toggled.filter((id) => id !== row.id) : [...toggled, row.id];
  return load();
}

// Shows a step in the tree, whatever is folded or looked for now.
function reveal(id) {
  for (const name of filters) {
    control(name).checked = false;
    if (control(name).type !== 'checkbox') control(name).value = '';
  }
  active = id;
  return load({ reveal: true });
}

function zoomTo(times) {
  zoom = times;
  draw();
}

// Moving by keys ------------------------------------------------------------------------------

function current() {
  const number = data.rows.findIndex((row) => row.id === active);
  return number < 0 ? Math.max(-1, data.seek) : data.first + number;
}

async function move(number) {
  const aim = Math.min(Math.max(number, 0), data.total - 1);
  if (aim < 0) return;
  if (!data.rows[aim - data.first]) await load({ first: Math.max(0, aim - COUNT / 2) });
  const row = data.rows[aim - data.first];
  if (!row) return;
  choose(row);
  const top = aim * ROW;
  if (top < list.scrollTop) list.scrollTop = top;
  else if (top + ROW > list.scrollTop + list.clientHeight) list.scrollTop = top + ROW - list.clientHeight;
}

function sideways(row, right) {
  if (right) return row.holds && !row.unfolded ? toggle(row) : row.holds ? move(current() + 1) : null;
  return row.holds && row.unfolded ? toggle(row) : row.above >= 0 ? move(row.above) : null;
}

list.addEventListener('keydown', (event) => {
  if (!data || event.ctrlKey || event.metaKey || event.altKey) return;
  const page = Math.floor(list.clientHeight / ROW) - 1, here = current();
  const row = data.rows[here - data.first];
  const keys = {
    ArrowDown: () => move(here + 1), ArrowUp: () => move(here - 1),
    PageDown: () => move(here + page), PageUp: () => move(here - page),
    Home: () => move(0), End: () => move(data.total - 1),
    ArrowRight: () => row && sideways(row, true), ArrowLeft: () => row && sideways(row, false),
    Enter: () => row && show(row.id, true),
    z: () => row && zoomTo([row.start, row.end === null ? data.now : row.end]),
  };
  if (!keys[event.key]) return;
  event.preventDefault();
  keys[event.key]();
});

// Listening -----------------------------------------------------------------------------------

let scrolled = false;
list.addEventListener('scroll', () => {
  if (scrolled || !data) return;
  scrolled = true;
  requestAnimationFrame(() => {
    scrolled = false;
    const top = Math.floor(list.scrollTop / ROW), seen = Math.ceil(list.clientHeight / ROW);
    const end = Math.min(top + seen, data.total);
    if (top < data.first || end > data.first + data.rows.length) load({ first: Math.max(0, top - COUNT / 3 | 0) });
  });
});

let typed = 0;
function filtered() {
  list.scrollTop = 0;
  return load({ first: 0 });
}
for (const name of filters) {
  const soon = name === 'text' ? 150 : 0;
  control(name).addEventListener('input', () => { clearTimeout(typed); typed = setTimeout(filtered, soon); });
}
control('everything').addEventListener('click', () => { everything = !everything; toggled = []; load({ reveal: Boolean(active) }); });
control('unzoom').addEventListener('click', () => zoomTo(null));

// The address names the step looked at, so that it can be linked to: #span=0x…
const linked = () => (/^#span=(0x[0-9a-f]{16})$/.exec(window.location.hash) || [])[1];
function follow() {
  const id = linked();
  if (id && id !== open) reveal(id).then(() => show(id));
}

function start() {
  const chosen = props.value || '';
  hide(!chosen);
  if (chosen && chosen === run) return follow();
  // A step of the run looked at before is none of this one.
  if (run) history.replaceState(null, '', window.location.pathname + window.location.search);
  run = chosen;
  toggled = []; everything = false; active = linked() || ''; open = ''; data = null; zoom = null;
  pane.replaceChildren(make('p', 'ts-dim', 'Choose a step to see all of it.'));
  $('.tv-rows').replaceChildren();
  if (!run) return tell('No run is chosen; choose one above, or begin one in Chat.');
  load({ first: 0, reveal: Boolean(active) }).then(() => active && show(active));
}

const looking = setInterval(() => {
  if (!element.isConnected) return clearInterval(looking);
  if (!run || waiting || performance.now() < lookAt || !element.offsetParent || document.hidden) return;
  load({ known: data ? data.version : -1 });
}, LOOK_MS / 20);
window.addEventListener('hashchange', () => element.isConnected && follow());
