// The columns and cards of a kanban board on the page: shows them, lets the user drag them, and keeps the keyboard's focus on a card
// when it moves.
//
//   const wall = new CardWall(document.getElementById('board'), {
//     added(title, column) {},                 the user has written a new card
//     opened(key) {},
//     grabbed(key) {},                         a drag has begun; it ends with:
//     dropped(key, column, above, below) {},   the keys of the neighbouring cards; undefined at an end of the column
//     dismissed(key, problem) {},              the user has dismissed a card's problem, or acts on it
//   });
//   wall.paint(names, board, { problems, holders, fresh });
//
// `names` are the columns, `board` is a Board of lib/tasks.js. problems(key) returns a card's problems: a list of { text, label, action }.
// The Maps have cards' keys: `holders` has the nicknames of the people who hold the card, `fresh` the nickname of the person who has
// just changed it; paint() removes from `fresh` what it shows.

import { avatar, make, tint } from './room.js';
import { Sortable } from '../vendor/sortable.js';

export class CardWall {
  dragged = null; // the key of the card that is being dragged; do not paint meanwhile

  #element;
  #listener;
  #names = []; // of the columns, in their order
  #columns = new Map(); // name -> its section
  #cards = new Map(); // key -> its list item

  constructor(element, listener) {
    this.#element = element;
    this.#listener = listener;
    element.addEventListener('animationend', ({ target }) => target.removeAttribute('data-by'));
  }

  get columns() { return this.#names; }

  // The columns in which the user is writing a new card.
  get written() { return [...this.#columns].filter(([, section]) => section.querySelector('.new-card input').value).map(([name]) => name); }

  // The key of the card that has the focus; null where that is elsewhere.
  get focused() { return document.activeElement.closest('.card')?.dataset.key ?? null; }

  focus(key) { (this.#cards.get(key)?.querySelector('.open') ?? this.#element).focus(); }

  focusAt(column, position) { this.#buttonAt(column, position)?.focus(); }

  paint(names, board, news) {
    const focused = document.activeElement;
    const place = board.tasks.has(this.focused) ? null : placeOnScreen(focused);
    this.#names = names;
    for (const name of this.#columns.keys()) if (!names.includes(name)) this.#columns.delete(name);
    for (const key of this.#cards.keys()) if (!board.tasks.has(key)) this.#cards.delete(key);
    arrange(this.#element, names.map((name) => this.#paintColumn(name, board, news)));
    if (document.activeElement === focused) return;
    if (focused.isConnected) focused.focus(); // it was moved, which removes the focus
    else if (place) (this.#buttonAt(place.column, place.position) ?? this.#columns.get(place.column)?.querySelector('input') ?? this.#element).focus();
  }

  #buttonAt(column, position) {
    const buttons = this.#columns.get(column)?.querySelectorAll('.open') ?? [];
    return buttons[Math.min(position, buttons.length - 1)];
  }

  #paintColumn(name, board, news) {
    const section = this.#columns.get(name) ?? this.#newColumn(name);
    const keys = board.columns.get(name) ?? [];
    section.querySelector('.count').textContent = keys.length;
    arrange(section.querySelector('.cards'), keys.map((key) => this.#paintCard(key, board.tasks.get(key), news)));
    return section;
  }

  #newColumn(name) {
    const section = make('section', 'column');
    section.ariaLabel = name;
    const heading = make('h2');
    heading.append(make('span', 'label', name), make('span', 'count'));
    const list = make('ul', 'cards');
    list.dataset.column = name;
    list.role = 'list';
    const form = make('form', 'new-card');
    const input = make('input');
    Object.assign(input, { placeholder: 'Add a card', ariaLabel: `Add a card to ${name}`, maxLength: 200, autocomplete: 'off', enterKeyHint: 'done' });
    form.append(input);
    form.onsubmit = (event) => {
      event.preventDefault();
      const title = input.value.trim();
      input.value = '';
      if (title) this.#listener.added(title, name);
    };
    section.append(heading, list, form);
    this.#makeSortable(list);
    this.#columns.set(name, section);
    return section;
  }

  #paintCard(key, { title, description, assignee }, { problems, holders, fresh }) {
    const card = this.#cards.get(key) ?? make('li', 'card');
    this.#cards.set(key, card);
    card.dataset.key = key;
    if (fresh.has(key)) card.dataset.by = fresh.get(key);
    fresh.delete(key);
    const holding = holders.get(key) ?? [];
    const hadFocus = card.contains(document.activeElement);
    arrange(card, [
      part(card, 'open', title, (button) => {
        button.type = 'button';
        button.textContent = title;
        button.onclick = () => this.#listener.opened(key);
      }, 'button'),
      description && part(card, 'description', description, (text) => { text.textContent = description; }, 'p'),
      assignee && part(card, 'involved', assignee, (person) => person.append(avatar(String(assignee)), make('span', 'label', String(assignee))), 'p'),
      holding.length && part(card, 'holders', holding.join('\n'), (people) => {
        people.append(...holding.map((name) => tint(make('span', 'holder tinted', name), name)));
      }, 'p'),
      ...problems(key).map((problem) => part(card, 'problem', problem, (element) => this.#describe(element, key, problem))),
    ].filter(Boolean));
    if (hadFocus && !card.contains(document.activeElement)) card.querySelector('.open').focus();
    return card;
  }

  #describe(element, key, problem) {
    const { text, label, action } = problem;
    element.append(make('p', '', text));
    for (const [name, act] of [[label, action], ['Dismiss', () => {}]]) {
      if (!name) continue;
      const button = make('button', 'link', name);
      button.type = 'button';
      button.onclick = () => {
        this.#listener.dismissed(key, problem);
        act();
      };
      element.append(button);
    }
  }

  #makeSortable(list) {
    Sortable.create(list, {
      group: 'cards',
      draggable: '.card',
      animation: 150,
      delay: 180, // ms: a finger that moves sooner scrolls
      delayOnTouchOnly: true,
      touchStartThreshold: 5,
      forceFallback: true, // the same behaviour with mouse and finger, in every browser
      fallbackOnBody: true,
      fallbackTolerance: 4,
      filter: '.problem',
      preventOnFilter: false,
      scroll: true,
      onStart: ({ item }) => {
        this.dragged = item.dataset.key;
        this.#listener.grabbed(this.dragged);
      },
      onEnd: ({ item, to }) => {
        const key = this.dragged;
        this.dragged = null;
        this.#listener.dropped(key, to.dataset.column, item.previousElementSibling?.dataset.key, item.nextElementSibling?.dataset.key);
      },
    });
  }
}

function placeOnScreen(element) {
  const list = element.closest('.cards');
  return list && { column: list.dataset.column, position: [...list.children].indexOf(element.closest('.card')) };
}

// The part of a card that shows `what` (compared by ===), filled in by `fill`. If it is there already, it stays as it is: a user may be
// pressing a button in it, and the click is lost if the button is replaced before it is released.
function part(card, name, what, fill, tag = 'div') {
  const found = [...card.children].find((child) => child.classList.contains(name) && child.shows === what);
  if (found) return found;
  const made = make(tag, name);
  made.shows = what;
  fill(made);
  return made;
}

// Makes these elements the children of `parent`, in this order, moving as few of them as possible.
function arrange(parent, elements) {
  const wanted = new Set(elements);
  for (const child of [...parent.children]) if (!wanted.has(child)) child.remove();
  let next = parent.firstElementChild;
  for (const element of elements) {
    if (element === next) next = next.nextElementSibling;
    else parent.insertBefore(element, next);
  }
}
