// The markup of a room page's frame: a sidebar and a bar around the page's <main class="stage">, and the dialog that asks for a
// name. lib/room.js adds its behaviour.

// The pages for a room, each with its name and the message type that the server must handle for it.
const EXAMPLES = [
  { page: 'chat.html', name: 'Chat', type: 'message' },
  { page: 'draw.html', name: 'Draw', type: 'draw' },
  { page: 'kanban.html', name: 'Kanban', type: 'add_task' },
  { page: 'spreadsheet.html', name: 'Spreadsheet', type: 'cells_update' },
  { page: 'editor.html', name: 'Editor', type: 'code_edit' },
  { page: 'monitor.html', name: 'Monitor', type: 'request_metrics' },
];

const SIDEBAR = `
  <aside class="sidebar" id="sidebar" aria-label="Rooms and people">
    <a class="brand" href="index.html"><img src="lib/hubbub.svg" alt="">Hubbub</a>

    <nav aria-labelledby="examples-title">
      <h2 id="examples-title">In this room</h2>
      <ul class="rooms" id="examples"></ul>
    </nav>

    <nav aria-labelledby="rooms-title">
      <h2 id="rooms-title">Rooms</h2>
      <ul class="rooms" id="rooms"></ul>
      <form class="new-room" id="new-room" method="get">
        <label class="visually-hidden" for="new-room-name">Name of a room to open or make</label>
        <input id="new-room-name" name="room" placeholder="Another room" maxlength="64" required
               autocomplete="off" enterkeyhint="go">
        <button class="quiet">Go</button>
      </form>
    </nav>

    <section aria-labelledby="people-title">
      <h2 id="people-title">Here now</h2>
      <ul class="people" id="people"></ul>
    </section>

    <div class="me" id="me">
      <span class="avatar" aria-hidden="true"></span>
      <span class="label"></span>
      <button class="quiet" id="rename" type="button">Rename</button>
    </div>
    <a class="source" id="source">View source</a>
  </aside>`;

const BAR = `
  <header class="bar">
    <button class="quiet icon menu" id="menu" type="button" aria-controls="sidebar" aria-expanded="false">
      <svg width="20" height="20" viewBox="0 0 20 20" fill="none" stroke="currentColor" stroke-width="1.8"
           stroke-linecap="round" aria-hidden="true"><path d="M3 5.5h14M3 10h14M3 14.5h9"/></svg>
      <span class="visually-hidden">Rooms and people</span>
    </button>
    <hgroup>
      <h1 class="label" id="room-name"></h1>
      <p class="status" id="status">Not connected yet</p>
    </hgroup>
    <button class="quiet" id="invite" type="button">Copy link</button>
  </header>

  <div class="notice" id="notice" role="status"></div>
  <p class="notice" id="missing" role="status" data-kind="bad"></p>`;

const NAMING = `
  <dialog id="naming" aria-labelledby="naming-title">
    <form method="dialog">
      <h2 id="naming-title"></h2>
      <label>Your name here
        <input id="naming-name" maxlength="64" autocomplete="nickname" enterkeyhint="done" required>
      </label>
      <div class="actions">
        <button class="quiet" id="naming-cancel" type="button">Cancel</button>
        <button id="naming-ok" value="ok">Join</button>
      </div>
    </form>
  </dialog>`;

// Builds the frame. Returns the examples, each with its list item. If the page has an element with the id `tools`, moves it into the
// bar beside the room's name.
export function buildFrame() {
  const here = location.pathname.split('/').at(-1);
  const main = document.querySelector('main.stage');
  main.insertAdjacentHTML('beforebegin', SIDEBAR);
  main.insertAdjacentHTML('afterbegin', BAR);
  document.body.insertAdjacentHTML('beforeend', NAMING);
  const tools = document.getElementById('tools');
  if (tools) document.getElementById('invite').before(tools);
  document.getElementById('source').href = here.replace(/html$/, 'js');
  return EXAMPLES.map((example) => {
    const item = document.createElement('li');
    const anchor = document.createElement('a');
    const label = document.createElement('span');
    label.className = 'label';
    label.textContent = example.name;
    anchor.append(label);
    anchor.dataset.page = example.page;
    if (example.page === here) anchor.ariaCurrent = 'page';
    item.append(anchor);
    item.hidden = example.page !== here;
    document.getElementById('examples').append(item);
    return { ...example, item };
  });
}
