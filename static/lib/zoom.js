// Zooms and scrolls a board in a box that may be smaller. Two fingers move and zoom it; one finger draws. On a narrow screen the board
// fills its box, elsewhere the whole board is visible.
//
//   const zoom = useZoom(box, paper, canvas, { begun() {} });   begun: a second finger is down, so the first was not drawing
//   zoom.toggle();    switches between the whole board and a board that fills the box
//   zoom.onChange = ({ isWhole, canToggle }) => {};
//
// The box scrolls; the paper's size follows the custom property --zoom, which is 1 if the whole board is visible.

const MOST = 6; // the largest zoom
const WHOLE = 1.05; // up to this zoom practically the whole board is visible
const NARROW = matchMedia('(max-width: 760px), (max-height: 480px), (orientation: portrait) and (pointer: coarse)');

const middle = (points) => [0, 1].map((axis) => points.reduce((sum, point) => sum + point[axis], 0) / points.length);
const apart = ([a, b]) => Math.hypot(a[0] - b[0], a[1] - b[1]);

export function useZoom(box, paper, canvas, { begun }) {
  const zoom = { toggle, onChange() {} };
  let chosen = null; // the zoom that the user has chosen; null: it depends on the screen
  let now = 1;

  const isWhole = () => now <= WHOLE;

  // The zoom at which the board fills the box.
  function filling() {
    const across = box.clientWidth / ((paper.clientWidth || 1) / now);
    const down = box.clientHeight / ((paper.clientHeight || 1) / now);
    return Math.min(MOST, Math.max(1, across, down));
  }

  function set(wanted) {
    now = Math.min(MOST, Math.max(1, wanted));
    paper.style.setProperty('--zoom', now);
    box.toggleAttribute('data-closer', now > 1);
    zoom.onChange({ isWhole: isWhole(), canToggle: !isWhole() || (NARROW.matches && filling() > WHOLE) });
  }

  const settle = () => set(chosen ?? (NARROW.matches ? filling() : 1));

  function toggle() {
    chosen = isWhole() ? filling() : 1;
    settle();
  }

  new ResizeObserver(settle).observe(box);
  NARROW.addEventListener('change', settle);

  const fingers = new Map(); // pointer -> [x, y]
  let isMoving = false; // from the second finger on, until the last finger is lifted
  let frame = 0;
  let before; // the positions of the fingers when the board was last moved

  function follow() {
    frame = 0;
    const after = [...fingers.values()].slice(0, 2);
    if (after.length < 2) return;
    const [from, to] = [middle(before), middle(after)];
    const rest = paper.getBoundingClientRect();
    const [across, down] = [(from[0] - rest.left) / rest.width, (from[1] - rest.top) / rest.height];
    const factor = apart(after) / apart(before);
    if (Math.abs(factor - 1) > 0.001) set(chosen = now * factor);
    // Keeps the point between the fingers under them.
    const { left, top, width, height } = paper.getBoundingClientRect();
    box.scrollLeft += left + across * width - to[0];
    box.scrollTop += top + down * height - to[1];
    before = after;
  }

  function listen(type, handle) {
    canvas.addEventListener(type, (event) => {
      if (event.pointerType !== 'touch') return;
      handle(event);
      if (isMoving) event.stopImmediatePropagation();
      if (fingers.size === 0) isMoving = false;
    }, { capture: true }); // before lib/pens.js
  }

  listen('pointerdown', ({ pointerId, clientX, clientY }) => {
    fingers.set(pointerId, [clientX, clientY]);
    if (fingers.size !== 2) return;
    if (!isMoving) begun();
    isMoving = true;
    before = [...fingers.values()];
  });
  listen('pointermove', ({ pointerId, clientX, clientY }) => {
    if (!fingers.has(pointerId)) return;
    fingers.set(pointerId, [clientX, clientY]);
    if (isMoving) frame ||= requestAnimationFrame(follow);
  });
  for (const type of ['pointerup', 'pointercancel']) {
    listen(type, ({ pointerId }) => {
      fingers.delete(pointerId);
      if (isMoving) before = [...fingers.values()].slice(0, 2);
    });
  }
  return zoom;
}
