(() => {
'use strict';
// All pages work without this. With it a file is checked as soon as it is chosen, and its way here is shown.
const doc = document, byId = id => doc.getElementById(id);
doc.documentElement.classList.add('js');
addEventListener('DOMContentLoaded', () => {
  const then = doc.querySelector('[data-then]');
  // To load a page again that has made a token would make another.
  if (then) history.replaceState(null, '', then.dataset.then);
  if (byId('send')) submitting(byId('send'));
});

function el(tag, className, ...content) {
  const made = doc.createElement(tag);
  if (className) made.className = className;
  made.append(...content);
  return made;
}
const bdi = text => el('bdi', '', text);
const many = (number, noun) => `${number.toLocaleString('en')}\u00a0${noun}${number === 1 ? '' : 's'}`;
const capital = text => text.charAt(0).toUpperCase() + text.slice(1);
const ended = text => /[.!?]$/.test(text) ? text : `${text}.`;

function submitting(form) {
  const input = byId('file'), drop = byId('drop'), submit = byId('submit'), check = byId('check');
  const outcome = byId('outcome'), going = byId('going'), doing = byId('doing'), bar = byId('progress');
  let request = null;

  function say(kind, title, ...lines) {
    const box = el('div', `alert ${kind}`), heading = el('h2', '', ...title);
    box.append(heading, ...lines.map(line => el('p', '', line)));
    outcome.replaceChildren(box);
    heading.scrollIntoView({block: 'nearest'});
  }
  function rest(isReady) {
    going.hidden = true;
    request = null;
    if (submit) submit.disabled = !isReady;
    check.disabled = !input.files.length;
  }
  function wait(text) {
    going.hidden = false;
    doing.textContent = text;
    bar.removeAttribute('value');
    if (submit) submit.disabled = true;
    check.disabled = true;
  }

  function post(address, text, answer) {
    const data = new FormData(form);
    if (request) request.abort();
    wait(text);
    const own = request = new XMLHttpRequest();
    own.open('POST', address);
    own.setRequestHeader('Accept', 'application/json');
    own.responseType = 'json';
    own.upload.addEventListener('progress', event => {
      if (own !== request || !event.lengthComputable) return;
      bar.value = 100 * event.loaded / event.total;
      if (event.loaded === event.total) { doing.textContent = 'Checking'; bar.removeAttribute('value'); }
    });
    own.addEventListener('load', () => { if (own === request) answer(own); });
    own.addEventListener('error', () => {
      if (own !== request) return;
      rest(true);
      say('bad', ['The desk was not reached'], 'Nothing is known to be recorded. Look at the connection, and send the file again: the same file counts once.');
    });
    own.send(data);
  }

  function faults(problem) {
    const list = el('div', 'faults');
    for (const [code, mend] of Object.entries(problem.mends)) {
      const lines = el('ul');
      for (const fault of problem.faults) {
        if (fault.code !== code) continue;
        const line = el('li');
        if (fault.line) line.append(el('b', '', `line ${fault.line}`), ' ');
        line.append(el('span', '', fault.message));
        lines.append(line);
      }
      if (problem.more[code]) lines.append(el('li', 'more', el('span', '', `\u2026 and ${problem.more[code].toLocaleString('en')} more`)));
      list.append(el('div', '', el('h3', '', capital(mend), ' ', el('code', '', code)), lines));
    }
    return list;
  }
  function refused(answer) {
    const problem = answer.response, name = input.files[0].name;
    rest(false);
    if (!problem || !problem.title) say('bad', ['The desk failed'], 'Nothing is known to be recorded. Send the file again: the same file counts once.');
    else if (problem.faults) {
      const count = problem.faults.length + Object.values(problem.more).reduce((sum, more) => sum + more, 0);
      say('bad', [`${many(count, 'fault')} in `, bdi(name)], `Nothing was recorded, and no attempt was used. Mend ${count === 1 ? 'it' : 'these'}, and choose the file again.`);
      outcome.append(faults(problem));
    } else say('bad', [problem.title], ended(capital(problem.detail)));
    if (submit && answer.status !== 422) submit.disabled = false;
  }

  function look() {
    const file = input.files[0];
    if (!file) { outcome.replaceChildren(); rest(false); return; }
    if (file.size > +form.dataset.most) {
      rest(false);
      say('bad', ['Too large: ', bdi(file.name)], `It has ${many(file.size, 'byte')}; the rules allow ${many(+form.dataset.most, 'byte')}.`);
      return;
    }
    outcome.replaceChildren();
    post(check.formAction, 'Sending, to be checked', answer => {
      if (answer.status !== 200 || !answer.response) { refused(answer); return; }
      rest(true);
      say('good', ['Ready to submit'], el('span', '', bdi(file.name), ` has ${many(answer.response.rows, 'prediction')} and no fault.${submit ? ' Nothing was sent in yet.' : ''}`));
    });
  }

  form.addEventListener('submit', event => {
    event.preventDefault();
    if (event.submitter === check || !submit) { look(); return; }
    post(form.action, 'Sending', answer => {
      if (answer.status === 201 && answer.response) location.assign(answer.response.address);
      else refused(answer);
    });
  });
  input.addEventListener('change', look);
  for (const name of ['dragenter', 'dragover']) drop.addEventListener(name, event => { event.preventDefault(); drop.classList.add('above'); });
  for (const name of ['dragleave', 'drop']) drop.addEventListener(name, event => { event.preventDefault(); drop.classList.remove('above'); });
  drop.addEventListener('drop', event => {
    if (!event.dataTransfer.files.length) return;
    input.files = event.dataTransfer.files;
    look();
  });
  // A page that comes back from the browser's memory may have kept its file.
  addEventListener('pageshow', () => { if (input.files.length) look(); else rest(false); });
}
})();
