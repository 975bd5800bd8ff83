// One step in full; shares one function with traces.js, which stands before it.

let unfinished = false;

async function show(id, focus = false) {
  open = id;
  const found = await server.read({ run, id });
  if (open !== id || !found) return;
  if (found.trouble) return pane.replaceChildren(make('p', 'tv-bad', found.trouble));
  unfinished = found.under_way;
  // Not `#span=` alone, which the page's base address would rob of the run.
  history.replaceState(null, '', `${window.location.pathname}${window.location.search}#span=${id}`);
  pane.replaceChildren(
    crumbs(found), make('h3', '', `${found.name} `, make('small', '', found.kind)), acts(found),
    facts(found.facts), ...found.curves.flatMap(drawing), ...found.blocks.map((told, number) => block(id, told, number)),
  );
  pane.scrollTop = 0;
  if (focus) pane.focus({ preventScroll: true });
  // Where the pane is below the tree, as on a phone, what was asked for would be out of sight.
  if (pane.offsetTop > list.offsetTop + ROW) pane.scrollIntoView({ block: 'nearest' });
}

// Has a step that has ended meanwhile read again.
function freshen() {
  const row = data.rows.find((one) => one.id === open);
  if (unfinished && row && row.end !== null) show(open);
}

function crumbs(found) {
  const made = make('div', 'tv-crumbs');
  for (const above of found.path) made.append(press(above.name, () => reveal(above.id).then(() => show(above.id))), '›');
  return made;
}

function acts(found) {
  const made = make('div', 'tv-acts', press('Zoom to its time', () => zoomTo([found.start, found.end])));
  if (data && data.flat) made.append(press('Show in the tree', () => reveal(found.id)));
  return made;
}

function facts(pairs) {
  return make('dl', '', ...pairs.flatMap(([name, text]) => [make('dt', '', name), make('dd', '', text)]));
}

function block(id, told, number) {
  const text = make('pre', '', told.text);
  const long = told.length > CLAMPED || told.text.split('\n').length > 14;
  const size = long ? make('small', '', ` ${few(told.length)} characters`) : '';
  const made = make('details', `tv-${told.style}${long ? ' tv-cut' : ''}`, make('summary', '', told.title || 'text', size), text);
  made.open = !told.folded;
  if (long) made.append(press('Show all of it', () => unfold(id, made, text, told, number)));
  return made;
}

async function unfold(id, made, text, told, number) {
  const all = [told.text];
  let next = told.next;
  while (next !== null) {
    const piece = await server.more({ run, id, block: number, first: next });
    if (!piece || piece.trouble) return tell(piece ? piece.trouble : 'the page cannot be reached');
    all.push(piece.text);
    next = piece.next;
  }
  text.textContent = all.join('');
  made.classList.remove('tv-cut');
  made.querySelector('button').remove();
  made.querySelector('summary').focus();
}

// Training curves -----------------------------------------------------------------------------

function drawn(tag, attributes, text = '') {
  const made = document.createElementNS('http://www.w3.org/2000/svg', tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.textContent = text;
  return made;
}

function drawing(curves) {
  const points = curves.flatMap((curve) => curve.points);
  const [xs, ys] = [0, 1].map((axis) => points.map((point) => point[axis]));
  const [left, right, low, high] = [Math.min(...xs), Math.max(...xs), Math.min(...ys), Math.max(...ys)];
  const across = (x) => 40 + 350 * (x - left) / (right - left || 1);
  const down = (y) => 125 - 115 * (y - low) / (high - low || 1);
  const names = curves.map((curve) => curve.name).join(', ');
  const svg = drawn('svg', { viewBox: '0 0 400 150', role: 'img', 'aria-label': `Training curves: ${names}` });
  for (const y of [low, high]) {
    svg.append(drawn('line', { class: 'tv-grid', x1: 40, x2: 390, y1: down(y), y2: down(y) }));
    svg.append(drawn('text', { x: 36, y: down(y) + 4, 'text-anchor': 'end' }, y.toPrecision(3)));
  }
  for (const [x, anchor] of [[left, 'start'], [right, 'end']]) svg.append(drawn('text', { x: across(x), y: 143, 'text-anchor': anchor }, `step ${few(x)}`));
  const legend = make('div', 'tv-legend');
  curves.forEach((curve, number) => {
    const line = curve.points.map(([x, y]) => `${across(x)},${down(y)}`).join(' ');
    svg.append(drawn('polyline', { class: `tv-curve tv-c${number % 4}${number > 3 ? ' tv-dashed' : ''}`, points: line }));
    const last = curve.points[curve.points.length - 1][1].toPrecision(4);
    legend.append(make('span', `tv-c${number % 4}`, make('i', ''), `${curve.name}, last ${last}`));
  });
  return [svg, legend];
}

watch('value', start);
start();
