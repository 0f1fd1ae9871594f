// One line of news on a page, with a button for what can be done about it, and one that takes it away.
//
//   const tell = toast(document.getElementById('toast'));
//   tell('“Water” is deleted', 'Undo', () => { … });
//   tell('');   takes it away

import { make } from './room.js';

// `dismissed` is called when somebody has taken it away.
export function toast(element, { dismissed = () => {} } = {}) {
  return function tell(text, label, action) {
    element.replaceChildren(...(text ? [make('span', '', text)] : []));
    for (const [name, act] of text ? [[label, action], ['Dismiss', dismissed]] : []) {
      if (!name) continue;
      const button = make('button', 'link', name);
      button.type = 'button';
      button.onmousedown = (event) => event.preventDefault(); // the focus stays, and what is being written open
      button.onclick = () => {
        tell('');
        act();
      };
      element.append(button);
    }
  };
}
