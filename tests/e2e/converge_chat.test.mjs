import { converges } from '../lib/convergence.mjs';

// A page's view: the newest messages.
class Chat {
  constructor({ send }) {
    Object.assign(this, { send, said: [] });
  }

  take({ type, seq, id, content }) {
    if (type === 'message') this.said.push([seq, id, content]);
  }

  act(chance) {
    return this.send('message', chance.oneIn(10) ? '' : `number ${chance.below(1000)}`);
  }

  view() {
    return this.said.slice(-30);
  }
}

converges('chat', Chat, { options: { history: 30 } });
