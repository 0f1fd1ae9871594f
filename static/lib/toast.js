// One line of news on a page, with a button for an action and a button that dismisses it.
//
//   const tell = toast(document.getElementById('toast'));
//   tell('“Water” is deleted', 'Undo', () => { … });
//   tell('');   hides it

import { make } from './room.js';

// `dismissed` is called when the user has dismissed the line.
export function toast(element, { dismissed = () => {} } = {}) {
  return function tell(text, label, action) {
    element.replaceChildren(...(text ? [make('span', '', text)] : []));
    for (const [name, act] of text ? [[label, action], ['Dismiss', dismissed]] : []) {
      if (!name) continue;
      const button = make('button', 'link', name);
      button.type = 'button';
      button.onmousedown = (event) => event.preventDefault(); // keeps the focus, so that a field being edited stays open
      button.onclick = () => {
        tell('');
        act();
      };
      element.append(button);
    }
  };
}
