// The map of two latents. The server sends one sheet of decoded tiles; everything that the pointer,
// the keys and zooming ask for is blended from it here, at once. A click or a drag is reported as
// `select`, for the server to decode the place exactly; a path that was dragged, as `submit`.
const TILE = 28 // pixels
const CLICK = 6 // pixels: a drag that is shorter is a click
const MOST = 900 // places of a path that are sent; the server takes 1,000
const MOST_ZOOM = 8
const KEYS = {ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1]}
const KEY_STEPS = 60 // from one side of what is shown to the other

let sheet = null // {image, grey, side, low, high}
let view = {x: 0, y: 0, zoom: 1}
let chosen = [0, 0]
let pointed = chosen // the place that was pointed at last
let path = null
let pinch = null
const fingers = new Map()

const part = (name) => element.querySelector(`.${name}`)
const aside = () => document.querySelector('#map-look')
const within = (value, low, high) => Math.min(Math.max(value, low), high)
const span = () => (sheet.high - sheet.low) / view.zoom

// --- Pictures ---------------------------------------------------------------------------------

function read() {
    const image = part('tiles')
    if (!image || image === sheet?.image) return
    image.decode().then(() => {
        const side = Number(image.dataset.side), width = image.naturalWidth
        const paint = new OffscreenCanvas(width, width).getContext('2d')
        paint.drawImage(image, 0, 0)
        const grey = paint.getImageData(0, 0, width, width).data.filter((_, at) => at % 4 === 0)
        sheet = {image, grey, side, low: Number(image.dataset.low), high: Number(image.dataset.high)}
        show()
        mark(...chosen)
    })
}

// Writes the picture of a place into an array of grey levels: between the middles of four tiles it
// is their blend, 46 dB from what the model decodes there.
function blend(x, y, levels, start, stride) {
    const {grey, side, low, high} = sheet, step = (high - low) / side, width = side * TILE
    const across = within((x - low) / step - 0.5, 0, side - 1.001)
    const down = within((high - y) / step - 0.5, 0, side - 1.001)
    const column = Math.floor(across), row = Math.floor(down), right = across - column, below = down - row
    for (let v = 0; v < TILE; v++) {
        let at = (row * TILE + v) * width + column * TILE, to = start + v * stride
        for (let u = 0; u < TILE; u++, at++, to++) {
            const above = grey[at] + right * (grey[at + TILE] - grey[at])
            const under = at + TILE * width
            levels[to] = above + below * (grey[under] + right * (grey[under + TILE] - grey[under]) - above)
        }
    }
}

function paint(canvas, levels) {
    const pixels = Uint32Array.from(levels, (level) => 0xff000000 | level * 0x010101)
    const bytes = new Uint8ClampedArray(pixels.buffer)
    canvas.getContext('2d').putImageData(new ImageData(bytes, canvas.width, canvas.height), 0, 0)
}

// Draws the tiles that are in sight; twice the zoom, tiles twice as close.
function show() {
    const canvas = part('ground'), level = 2 ** Math.floor(Math.log2(view.zoom) + 1e-6)
    const step = (sheet.high - sheet.low) / (sheet.side * level), size = span()
    const left = view.x - size / 2, top = view.y + size / 2
    const first = Math.floor((left - sheet.low) / step + 1e-6), above = Math.floor((sheet.high - top) / step + 1e-6)
    const count = Math.min(Math.ceil(size / step - 1e-6) + 1, sheet.side * level - Math.min(first, above))
    const levels = new Uint8ClampedArray((count * TILE) ** 2)
    for (let row = 0; row < count; row++) for (let column = 0; column < count; column++) {
        const x = sheet.low + (first + column + 0.5) * step, y = sheet.high - (above + row + 0.5) * step
        blend(x, y, levels, (row * count * TILE + column) * TILE, count * TILE)
    }
    canvas.width = canvas.height = count * TILE
    paint(canvas, levels)
    canvas.style.left = `${100 * (sheet.low + first * step - left) / size}%`
    canvas.style.top = `${100 * (top - (sheet.high - above * step)) / size}%`
    canvas.style.width = `${100 * count * step / size}%`
    element.querySelector('.over').setAttribute('viewBox', `${left} ${-top} ${size} ${size}`)
    part('plane').style.setProperty('--zoom', view.zoom)
}

// --- Places -----------------------------------------------------------------------------------

function placeOf({clientX, clientY}) {
    const box = part('plane').getBoundingClientRect(), size = span()
    return [
        within(view.x + ((clientX - box.left) / box.width - 0.5) * size, sheet.low, sheet.high),
        within(view.y + (0.5 - (clientY - box.top) / box.height) * size, sheet.low, sheet.high),
    ].map((value) => Number(value.toFixed(2)))
}

const title = ([x, y]) => `z = (${x.toFixed(2)}, ${y.toFixed(2)})`

// Shows the picture of a place at once, beside the map and, on a narrow page, above the finger.
function point(place) {
    pointed = place
    const levels = new Uint8ClampedArray(TILE * TILE), size = span()
    blend(...place, levels, 0, TILE)
    const pictures = [part('lens'), aside().querySelector('canvas')]
    pictures.forEach((canvas) => paint(canvas, levels))
    aside().querySelector('#map-pointed h4').textContent = title(place)
    aside().classList.add('pointed')
    move('.ghost', place)
    part('lens').style.left = `${within((place[0] - view.x) / size + 0.5, 0.15, 0.85) * 100}%`
    part('lens').style.top = `${(0.5 - (place[1] - view.y) / size) * 100}%`
}

function leave() {
    aside()?.classList.remove('pointed')
    part('plane')?.classList.remove('pressed')
    move('.ghost', [99, 99])
}

function move(name, [x, y]) {
    const circle = element.querySelector(name)
    circle?.setAttribute('cx', x)
    circle?.setAttribute('cy', -y)
}

function mark(x, y) {
    chosen = [x, y]
    move('.marker', chosen)
}

function choose(place) {
    mark(...place)
    point(place)
    trigger('select', {index: place, value: null})
}

function see(x, y, zoom) {
    view.zoom = within(zoom, 1, MOST_ZOOM)
    const reach = (sheet.high - sheet.low - span()) / 2
    view.x = within(x, -reach, reach)
    view.y = within(y, -reach, reach)
    show()
}

// The place stays where it is in sight.
function zoomAt([x, y], zoom) {
    const shrink = view.zoom / within(zoom, 1, MOST_ZOOM)
    see(x + (view.x - x) * shrink, y + (view.y - y) * shrink, zoom)
}

function panBy(across, down) {
    const box = part('plane').getBoundingClientRect()
    see(view.x - across / box.width * span(), view.y + down / box.height * span(), view.zoom)
}

// --- Pointer ----------------------------------------------------------------------------------

function twoFingers() {
    const [a, b] = [...fingers.values()]
    return {clientX: (a.clientX + b.clientX) / 2, clientY: (a.clientY + b.clientY) / 2,
            apart: Math.hypot(a.clientX - b.clientX, a.clientY - b.clientY)}
}

element.addEventListener('pointerdown', (event) => {
    if (!sheet || event.button || !event.target.closest('.plane') || event.target.closest('button')) return
    event.preventDefault()
    part('plane').focus({preventScroll: true})
    part('plane').setPointerCapture(event.pointerId)
    fingers.set(event.pointerId, event)
    if (fingers.size === 2) {
        pinch = twoFingers()
        path = null
        leave()
    } else if (fingers.size === 1) {
        part('plane').classList.add('pressed')
        path = {from: event, pans: event.shiftKey, points: [placeOf(event)], long: false}
    }
})

element.addEventListener('pointermove', (event) => {
    if (!sheet || !event.target.closest?.('.plane')) return
    const before = fingers.get(event.pointerId)
    if (before) fingers.set(event.pointerId, event)
    if (pinch && before) {
        const now = twoFingers()
        zoomAt(placeOf(now), view.zoom * now.apart / pinch.apart)
        panBy(now.clientX - pinch.clientX, now.clientY - pinch.clientY)
        pinch = now
        return
    }
    if (path?.pans) return panBy(event.clientX - before.clientX, event.clientY - before.clientY)
    const place = placeOf(event)
    if (!path) return event.target.closest('button') ? leave() : point(place)
    if (Math.hypot(event.clientX - path.from.clientX, event.clientY - path.from.clientY) > CLICK) path.long = true
    if (!path.long || path.points.length >= MOST) return
    path.points.push(place)
    part('path').setAttribute('points', path.points.map(([x, y]) => `${x},${-y}`).join(' '))
    choose(place)
})

element.addEventListener('pointerup', (event) => {
    fingers.delete(event.pointerId)
    pinch = null
    part('plane')?.classList.remove('pressed')
    if (!path) return
    const {points, long, pans} = path
    path = null
    if (pans) return
    choose(points.at(-1))
    if (long) trigger('submit', {points})
    else part('path').setAttribute('points', '')
})

element.addEventListener('pointercancel', (event) => {
    fingers.delete(event.pointerId)
    path = pinch = null
    leave()
})

element.addEventListener('pointerout', (event) => {
    if (!path && !part('plane')?.contains(event.relatedTarget)) leave()
})

// A wheel scrolls the page unless it is meant for the map: with Ctrl it zooms, as pinching a touchpad
// does; zoomed in, it pans.
element.addEventListener('wheel', (event) => {
    if (!sheet || !event.target.closest('.plane') || !(event.ctrlKey || event.metaKey || view.zoom > 1)) return
    event.preventDefault()
    if (event.ctrlKey || event.metaKey) zoomAt(placeOf(event), view.zoom * 1.01 ** within(-event.deltaY, -40, 40))
    else panBy(-event.deltaX, -event.deltaY)
}, {passive: false})

element.addEventListener('click', (event) => {
    const button = event.target.closest('[data-zoom]')
    if (sheet && button) zoomAt(chosen, view.zoom * Number(button.dataset.zoom))
})

// --- Keys -------------------------------------------------------------------------------------

element.addEventListener('keydown', (event) => {
    if (!sheet || !event.target.matches('.plane') || event.ctrlKey || event.metaKey || event.altKey) return
    const towards = KEYS[event.key], zoom = {'+': 2, '=': 2, '-': 0.5, '0': 1 / MOST_ZOOM}[event.key]
    if (!towards && !zoom) return
    event.preventDefault()
    if (zoom) return zoomAt(chosen, view.zoom * zoom)
    const step = Math.max(span() / KEY_STEPS, 0.01) * (event.shiftKey ? 5 : 1)
    const place = chosen.map((value, axis) =>
        Number(within(value + towards[axis] * step, sheet.low, sheet.high).toFixed(2)))
    const reach = span() / 2
    if (Math.abs(place[0] - view.x) > reach || Math.abs(place[1] - view.y) > reach) see(...place, view.zoom)
    choose(place)
})

window.latentMap = {
    place: () => chosen,
    mark,
    // What was decoded takes the place of the blend, unless the pointer has moved on.
    arrived: () => path || `${pointed}` !== `${chosen}` || aside()?.classList.remove('pointed'),
}
watch('value', read)
read()
