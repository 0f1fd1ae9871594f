// One line of news on a page, with a button for an action and a button that dismisses it.
//
//   const tell = toast(document.getElementById('toast'), { dismissed, emptied });
//   tell('“Water” is deleted', 'Undo', () => { … }, dismissed);
//   tell('');   hides it
//   const withdraw = tell('…');   withdraw() hides this line, if it is still there

import { make } from './room.js';

// `dismissed` is called when the user has dismissed the line; one that is passed with a line is called instead. `emptied` is called after
// the user has pressed a button, if there is no other line then, and after a line was withdrawn.
export function toast(element, { dismissed = () => {}, emptied = () => {} } = {}) {
  return function tell(text, label, action, onDismiss = dismissed) {
    element.replaceChildren(...(text ? [make('span', '', text)] : []));
    for (const [name, act] of text ? [[label, action], ['Dismiss', onDismiss]] : []) {
      if (!name) continue;
      const button = make('button', 'link', name);
      button.type = 'button';
      button.onmousedown = (event) => event.preventDefault(); // keeps the focus, so that a field being edited stays open
      button.onclick = () => {
        tell('');
        act();
        if (!element.firstChild) emptied();
      };
      element.append(button);
    }
    const line = element.firstChild;
    return () => {
      if (!line?.isConnected) return;
      tell('');
      emptied();
    };
  };
}
