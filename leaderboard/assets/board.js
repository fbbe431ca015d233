(() => {
'use strict';
// Sorts, searches, filters and turns pages; ranks and figures are written as they came.
const doc = document, byId = id => doc.getElementById(id);
const MONTHS = 'Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec'.split(' ');
const STATES = ['ranked', 'baseline', 'quoted', 'late', 'unscored', 'disqualified'];
const MARKS = ['', 'baseline', 'quoted', 'late', 'no score', 'disqualified'];
const GROWING = ['rank', 'dot', 'low', 'high', 'best', 'worst'];
const PAGE = 100, DASH = '\u2013';
const two = number => String(number).padStart(2, '0');
const thousands = number => String(number).replace(/\B(?=(\d{3})+$)/g, ',');
const count = (number, noun) => `${thousands(number)}\u00a0${noun}${number === 1 ? '' : 's'}`;

// The page is in English, and its times are the viewer's.
const asOf = new Date(doc.querySelector('.updated time').dateTime);
const zone = at => new Intl.DateTimeFormat('en-GB', {timeZoneName: 'short'}).formatToParts(at).find(part => part.type === 'timeZoneName').value;
const brief = at => `${at.getDate()} ${MONTHS[at.getMonth()]} ${two(at.getHours())}:${two(at.getMinutes())}`;
function full(at) {
  const day = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'][at.getDay()];
  const clock = `${two(at.getHours())}:${two(at.getMinutes())}${at.getSeconds() ? ':' + two(at.getSeconds()) : ''}`;
  const year = at.getFullYear() === asOf.getFullYear() ? '' : ` ${at.getFullYear()}`;
  return `${day} ${at.getDate()} ${MONTHS[at.getMonth()]}${year}, ${clock} ${zone(at)}`;
}
function localise(time) {
  const at = new Date(time.dateTime), form = time.dataset.toThe;
  if (form === 'minute') at.setSeconds(0);
  time.title = `${time.textContent}${form ? '' : ' UTC'}`;
  time.textContent = form ? full(at) : brief(at);
}

const clock = byId('clock'), state = byId('state');
function tick() {
  const left = Math.floor((new Date(clock.dataset.to) - Date.now()) / 1000);
  if (left < 0) {
    // By the viewer's clock only; what is shown is still the board of its own moment.
    const opened = state.textContent === 'Upcoming';
    clock.textContent = opened ? 'Open' : 'Closed';
    state.textContent = opened ? 'Open now' : 'Closed';
    state.className = opened ? 'open' : 'shut';
    return;
  }
  const days = Math.floor(left / 86400), hours = Math.floor(left / 3600) % 24, minutes = Math.floor(left / 60) % 60;
  clock.textContent = days ? `in ${days} d ${hours} h ${minutes} min` : `in ${two(hours)}:${two(minutes)}:${two(left % 60)}`;
  setTimeout(tick, days ? 20000 : 1000);
}
doc.querySelectorAll('time').forEach(localise);
if (byId('zone')) byId('zone').textContent = zone(asOf);
byId('zones').textContent = '';
if (clock.dataset.to) tick();
addEventListener('beforeprint', () => { const place = doc.querySelector('.address'); place.textContent = place.textContent || location.href.replace(/#.*/, ''); });

const table = doc.querySelector('table');
if (!table) return;
const body = table.tBodies[0], first = Array.from(body.rows), shows = table.dataset.shows;
const isPaged = shows !== undefined;

// What is known of row number i, in the board's order: from the rows themselves, or from the columns of a large board.
let size = first.length, made = first.slice(), columns = null;
const text = (row, selector) => { const found = row.querySelector(selector); return found ? found.textContent : ''; };
const of = {
  team: i => columns ? columns.team[i] : text(first[i], 'bdi'),
  state: i => columns ? value('state', i, 0) : STATES.indexOf(first[i].className.split(' ')[0]),
  isScored: i => columns ? columns.score[i] !== '' : !first[i].querySelector('.score .hidden'),
  group: i => columns ? (columns.group ? columns.groups[columns.group[i]] : '') : text(first[i], '.group'),
  sent: i => columns ? value('sent', i, null) : text(first[i], '.sent') ? +text(first[i], '.sent').replace(/,/g, '') : null,
  last: i => columns ? value('last', i, null) : text(first[i], '.last') ? Date.parse(first[i].querySelector('.last time').dateTime) : null,
};
function value(name, i, otherwise) {
  const column = columns[name];
  return !column || column[i] === null ? otherwise : column[i];
}
function read(data) {
  if (data.stamp !== table.dataset.stamp) {
    byId('count').textContent = 'There is a newer board: reload the page';
    return;
  }
  for (const name of GROWING) if (data[name]) {
    let sum = 0;
    data[name] = data[name].map(step => step === null ? null : sum += step);
  }
  columns = data;
  size = data.rows;
  start();
}

function el(tag, className, content) {
  const made = doc.createElement(tag);
  if (className) made.className = className;
  if (content !== undefined) made.textContent = content;
  return made;
}
function svg(tag, attributes, content) {
  const made = doc.createElementNS('http://www.w3.org/2000/svg', tag);
  for (const name in attributes) made.setAttribute(name, attributes[name]);
  if (content) made.textContent = content;
  return made;
}
const percent = at => `${(at / 10).toFixed(1).padStart(5, '0')}%`;
function mark(i, className) {
  const drawn = svg('svg', {class: className, 'aria-hidden': 'true'});
  const low = value('low', i, null), dot = percent(columns.dot[i]), side = value('side', i, '');
  if (low !== null) drawn.append(svg('line', {x1: percent(low), x2: percent(columns.high[i]), y1: '50%', y2: '50%'}));
  if (side === 'b') drawn.append(svg('text', {x: dot, y: '50%', dy: '.35em'}, '\u25c2'));
  else if (side) drawn.append(svg('text', {x: dot, y: '50%', dy: '.35em', 'text-anchor': 'end'}, '\u25b8'));
  else drawn.append(svg('circle', {cx: dot, cy: '50%', r: 4}));
  return drawn;
}
function seen(cell, shown, said) {
  const sign = el('span', '', shown);
  sign.setAttribute('aria-hidden', 'true');
  cell.append(sign, el('span', 'hidden', said));
}
function time(i) {
  const at = new Date(columns.last[i] * 60000), made = el('time', '', `${at.getUTCDate()} ${MONTHS[at.getUTCMonth()]} ${two(at.getUTCHours())}:${two(at.getUTCMinutes())}`);
  made.dateTime = at.toISOString().slice(0, 16) + 'Z';
  localise(made);
  return made;
}
function rankCell(i, id) {
  const cell = el('td', 'rank'), rank = value('rank', i, null), disc = columns.discs.find(one => one[0] === i);
  if (rank === null) cell.append(el('span', 'hidden', 'not ranked'));
  else {
    const link = el('a', '', rank);
    if (value('flags', i, 0) & 1) link.append(el('i', '', '='));
    link.href = `#${id}`;
    if (disc) link.className = `disc disc${disc[1]}`;
    cell.append(link);
  }
  return cell;
}
function moveCell(i) {
  const move = value('move', i, null), side = move > 0 ? 'up' : 'down';
  const cell = el('td', `move${move === 'new' ? ' new' : move ? ' ' + side : ''}`);
  if (move === 'new') cell.textContent = move;
  else if (move) seen(cell, `${move > 0 ? '\u25b2' : '\u25bc'} ${thousands(Math.abs(move))}`, `${side} ${thousands(Math.abs(move))}`);
  else if (move === 0) cell.textContent = DASH;
  return cell;
}
function teamCell(i, id) {
  const cell = el('th'), sent = of.sent(i), name = el(sent === null ? 'span' : 'a', 'name'), group = of.group(i);
  cell.scope = 'row';
  if (sent !== null) name.href = shows.includes('t') ? `teams/${id}.html` : `#${id}`;
  name.append(el('bdi', '', of.team(i)));
  cell.append(name);
  if (of.state(i)) cell.append(el('span', 'mark', MARKS[of.state(i)]));
  if (group) { cell.append(el('span', 'group')); cell.lastChild.append(el('bdi', '', group)); }
  if (sent !== null) { cell.append(el('span', 'meta', `${count(sent, 'submission')} \u00b7 `)); cell.lastChild.append(time(i)); }
  if (value('dot', i, null) !== null) cell.append(mark(i, 'mini'));
  return cell;
}
function scoreCell(i) {
  const cell = el('td', 'score', value('score', i, ''));
  if (!cell.textContent) seen(cell, DASH, 'no score');
  return cell;
}
function plotCell(i) {
  const cell = el('td', 'plot');
  if (value('dot', i, null) !== null) cell.append(mark(i, 'dot'));
  if (value('from', i, '')) cell.append(el('span', 'hidden', `${columns.from[i]} to ${columns.to[i]}`));
  return cell;
}
function ranksCell(i) {
  const best = value('best', i, null), worst = columns.worst[i];
  const cell = el('td', 'ranks', best === null ? '' : best === worst ? `${best}` : `${best}${DASH}${worst}`);
  if (best === 1) cell.append(el('span', 'hidden', ', not separable from the first'));
  return cell;
}
function make(i) {
  const row = el('tr'), id = idOf(i), sent = of.sent(i), last = el('td', 'last');
  row.id = id;
  row.className = STATES[of.state(i)] + (value('flags', i, 0) & 2 ? ' far' : '');
  row.append(rankCell(i, id));
  if (shows.includes('m')) row.append(moveCell(i));
  row.append(teamCell(i, id), scoreCell(i));
  if (shows.includes('a')) row.append(plotCell(i));
  if (shows.includes('r')) row.append(ranksCell(i));
  if (sent !== null) last.append(time(i));
  row.append(el('td', 'sent', sent === null ? '' : thousands(sent)), last);
  return row;
}
const rowOf = i => made[i] || (made[i] = make(i));

// A row's id is made of the SHA-256 of its team's name (FIPS 180-4), so that no id need be sent.
const primes = [];
for (let n = 2; primes.length < 64; n++) if (primes.every(prime => n % prime)) primes.push(n);
const fraction = root => primes.map(prime => (prime ** (1 / root) % 1) * 2 ** 32 | 0);
const ROOTS = fraction(3), START = fraction(2).slice(0, 8), words = new Int32Array(64);
function sha256(name) {
  const bytes = new TextEncoder().encode(name), blocks = bytes.length + 72 >> 6, turn = (x, n) => x >>> n | x << 32 - n;
  const padded = new Uint8Array(blocks * 64), view = new DataView(padded.buffer);
  padded.set(bytes);
  padded[bytes.length] = 128;
  view.setUint32(blocks * 64 - 4, bytes.length * 8);
  let hash = START;
  for (let block = 0; block < blocks; block++) {
    for (let t = 0; t < 64; t++) {
      const x = words[t - 15], y = words[t - 2];
      words[t] = t < 16 ? view.getInt32(block * 64 + t * 4) : (turn(x, 7) ^ turn(x, 18) ^ x >>> 3) + words[t - 7] + (turn(y, 17) ^ turn(y, 19) ^ y >>> 10) + words[t - 16];
    }
    let [a, b, c, d, e, f, g, h] = hash;
    for (let t = 0; t < 64; t++) {
      const one = h + (turn(e, 6) ^ turn(e, 11) ^ turn(e, 25)) + (e & f ^ ~e & g) + ROOTS[t] + words[t] | 0;
      const other = (turn(a, 2) ^ turn(a, 13) ^ turn(a, 22)) + (a & b ^ a & c ^ b & c) | 0;
      [a, b, c, d, e, f, g, h] = [one + other | 0, a, b, c, d + one | 0, e, f, g];
    }
    hash = [a, b, c, d, e, f, g, h].map((x, at) => x + hash[at] | 0);
  }
  return hash.map(x => (x >>> 0).toString(16).padStart(8, '0')).join('');
}
const idOf = i => i < first.length ? first[i].id : `${of.state(i) === 2 ? 'q' : 't'}-${sha256(of.team(i)).slice(0, 12)}`;
function find(id) {
  for (let i = 0; i < size; i++) if (idOf(i) === id) return i;
  return -1;
}

// Names are put in order, and searched, without accents and case; numbers in them by their size.
const fold = name => name.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase();
let folded = null, ordinal = null;
function names() {
  folded = folded || Array.from({length: size}, (_, i) => fold(of.team(i)));
  return folded;
}
function ordered() {
  if (!ordinal) {
    const keys = names().map(name => name.replace(/[0-9]+/g, digits => digits.padStart(20, '0')));
    const order = keys.map((_, i) => i).sort((i, j) => keys[i] < keys[j] ? -1 : keys[i] > keys[j] ? 1 : i - j);
    ordinal = new Array(size);
    order.forEach((i, at) => { ordinal[i] = at && keys[i] === keys[order[at - 1]] ? ordinal[order[at - 1]] : at; });
  }
  return ordinal;
}
// Late, unscored and disqualified teams stand behind all others whichever way ranks and scores run.
const isOutside = i => of.state(i) > 2 || !of.isScored(i);
const isLowBest = !!table.querySelector('[data-low]');
const KEYS = {
  rank: i => isOutside(i) ? null : i,
  score: i => isOutside(i) ? null : isLowBest ? i : -i,
  team: i => ordered()[i],
  sent: of.sent,
  last: of.last,
};
const startsDown = key => key === 'sent' || key === 'last' || key === 'score' && !isLowBest;

const input = byId('find'), select = byId('group'), heads = Array.from(table.querySelectorAll('[data-key]'));
const now = {key: 'rank', isDown: false, query: '', group: '', page: 0};
const isTeam = i => of.state(i) === 0 || of.state(i) > 2;
let shown = [], own = -1, hit = -1, teams = 0;
// Key and number in one float, both whole and their product far below 2 ** 53: sorted without a call for each pair.
function sorted(chosen) {
  const key = KEYS[now.key], way = now.isDown ? -1 : 1, sums = new Float64Array(chosen.length), without = [];
  let at = 0;
  for (const i of chosen) {
    const found = key(i);
    if (found === null) without.push(i);
    else sums[at++] = way * found * size + i;
  }
  return Array.from(sums.subarray(0, at).sort(), sum => (sum % size + size) % size).concat(without);
}
function choose() {
  const query = fold(now.query.trim()), chosen = [];
  for (let i = 0; i < size; i++) {
    if (query && !names()[i].includes(query) || now.group && of.group(i) !== now.group) continue;
    chosen.push(i);
  }
  shown = now.key === 'rank' && !now.isDown ? chosen : sorted(chosen);
}
function render() {
  const pages = isPaged ? Math.max(Math.ceil(shown.length / PAGE), 1) : 1;
  now.page = Math.min(Math.max(now.page, 0), pages - 1);
  const slice = isPaged ? shown.slice(now.page * PAGE, now.page * PAGE + PAGE) : shown;
  const kept = [own, hit].filter((i, at, both) => i >= 0 && !slice.includes(i) && both.indexOf(i) === at);
  body.replaceChildren(...kept.concat(slice).map(rowOf));
  const isAll = shown.length === size, found = isAll ? teams : shown.filter(isTeam).length;
  byId('count').textContent = isAll ? count(teams, 'team') : `${thousands(found)} of ${count(teams, 'team')}`;
  if (isPaged) {
    const from = now.page * PAGE;
    doc.querySelector('.pager').hidden = false;
    byId('page').textContent = `Rows ${thousands(Math.min(from + 1, shown.length))}${DASH}${thousands(from + slice.length)} of ${thousands(shown.length)}`;
    byId('back').disabled = now.page === 0;
    byId('next').disabled = now.page === pages - 1;
  }
  for (const head of heads) {
    if (head.dataset.key === now.key) head.setAttribute('aria-sort', now.isDown ? 'descending' : 'ascending');
    else head.removeAttribute('aria-sort');
  }
}
const say = words => { byId('say').textContent = words; };
function update(words) {
  choose();
  render();
  const hash = new URLSearchParams();
  if (now.key !== 'rank' || now.isDown) hash.set('s', (now.isDown ? '-' : '') + now.key);
  if (now.query.trim()) hash.set('q', now.query.trim());
  if (now.group) hash.set('g', now.group);
  if (now.page) hash.set('p', now.page + 1);
  history.replaceState(null, '', `${location.pathname}${location.search}${String(hash) && '#' + hash}`);
  say(words || byId('count').textContent);
}

// Own row: by its permanent link, or pinned in this browser.
const STORE = `podium:${location.pathname.replace(/[^/]*$/, '')}:team`;
function stored(change) {
  try {
    if (change === null) localStorage.removeItem(STORE);
    else if (change) localStorage.setItem(STORE, change);
    return localStorage.getItem(STORE);
  } catch {
    return null;  // a browser may forbid to store anything
  }
}
function dress(i, isOwn) {
  if (i < 0) return;
  const row = rowOf(i), old = row.querySelector('.pin');
  if (old) old.remove();
  row.classList.toggle('hit', i === hit);
  row.classList.toggle('you', isOwn);
  if (of.sent(i) === null || !isOwn && i !== hit) return;
  const button = el('button', 'pin', isOwn ? 'you' : 'pin');
  button.type = 'button';
  button.setAttribute('aria-label', isOwn ? 'Your team: unpin' : 'Pin as your team');
  button.addEventListener('click', () => pin(isOwn ? -1 : i));
  row.querySelector('.name').after(button);
}
function pin(i) {
  const before = own;
  own = i;
  stored(i < 0 ? null : idOf(i));
  dress(before, false);
  dress(own, true);
  if (own >= 0) rowOf(own).querySelector('.pin').focus();
  say(own < 0 ? 'Unpinned' : 'Pinned as your team');
}
function go() {
  const hash = location.hash.slice(1), before = hit;
  hit = /^[tq]-[0-9a-f]{12}$/.test(hash) ? find(hash) : -1;
  dress(before, before === own);
  if (hit >= 0) {
    dress(hit, hit === own);
    if (!shown.length) choose();
    now.page = Math.max(Math.floor(shown.indexOf(hit) / PAGE), 0);
    render();
    rowOf(hit).scrollIntoView({block: 'center'});
    return;
  }
  const asked = new URLSearchParams(hash), key = (asked.get('s') || 'rank').replace(/^-/, '');
  now.key = KEYS.hasOwnProperty(key) ? key : 'rank';
  now.isDown = now.key === key && (asked.get('s') || '')[0] === '-';
  input.value = now.query = asked.get('q') || '';
  now.group = select && Array.from(select.options).some(one => one.value === asked.get('g')) ? asked.get('g') : '';
  if (select) select.value = now.group;
  now.page = (parseInt(asked.get('p'), 10) || 1) - 1;
  choose();
  render();
}

function start() {
  for (let i = 0; i < size; i++) teams += isTeam(i);
  for (const head of heads) {
    const button = el('button'), key = head.dataset.key;
    button.type = 'button';
    button.append(...head.childNodes);
    head.append(button);
    button.addEventListener('click', () => {
      now.isDown = now.key === key ? !now.isDown : startsDown(key);
      now.key = key;
      now.page = 0;
      update(`Sorted by ${button.textContent}, ${now.isDown ? 'descending' : 'ascending'}`);
    });
  }
  let waiting;
  input.addEventListener('input', () => {
    clearTimeout(waiting);
    waiting = setTimeout(() => { now.query = input.value; now.page = 0; update(); }, 60);
  });
  if (select) select.addEventListener('change', () => { now.group = select.value; now.page = 0; update(); });
  for (const [id, step] of isPaged ? [['back', -1], ['next', 1]] : []) byId(id).addEventListener('click', () => {
    now.page += step;
    update(byId('page').textContent);
    table.scrollIntoView();
  });
  addEventListener('hashchange', go);
  const mine = stored();
  own = mine ? find(mine) : -1;
  dress(own, true);
  if (location.hash || own >= 0 && isPaged) go();
  else { choose(); if (isPaged) render(); else heads[0].setAttribute('aria-sort', 'ascending'); }
}
if (!isPaged) start();
else if (byId('data')) read(JSON.parse(byId('data').textContent));
else window.boardData = read;
})();
