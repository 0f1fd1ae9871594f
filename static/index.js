// The only script of the overview: shows all messages in a room as they arrive.

import { connect } from './lib/hubbub.js';

const byId = (id) => document.getElementById(id);
const frames = byId('frames');
const KEPT = 60;
const FIGURES = ['system_metrics', 'connected']; // sent all the time: only the first of each is shown

byId('listen').onclick = () => {
  const hub = connect({ room: 'wire', nickname: 'Visitor' });
  const seen = new Set();
  hub.on('*', (message) => {
    if (FIGURES.includes(message.type) && seen.has(message.type)) return;
    seen.add(message.type);
    add('in', JSON.stringify(message));
  });
  hub.onStatus(({ state }) => add('note', state));

  byId('listen').hidden = true;
  byId('words').hidden = byId('send').hidden = false;
  byId('words').focus();
  byId('say').onsubmit = (event) => {
    event.preventDefault();
    const content = byId('words').value.trim();
    if (!content) return;
    byId('words').value = '';
    add('out', JSON.stringify({ type: 'message', content }));
    hub.send('message', content).catch(({ message }) => add('note', message));
  };
};

function add(kind, text) {
  const line = document.createElement('p');
  line.className = kind;
  line.textContent = text;
  frames.append(line);
  if (frames.childElementCount > KEPT) frames.firstChild.remove();
  frames.scrollTop = frames.scrollHeight;
}
