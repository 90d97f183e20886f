// A pad that draws from the first touch on: nothing has to be chosen or loaded first. Every stroke is
// reported as `submit` with the whole drawing, a PNG data URL.
const canvas = element.querySelector('canvas')
const paint = canvas.getContext('2d')
const WIDTH = 20 // pixels of the canvas
const strokes = []
let ink = '#000000', stroke = null

function clear() {
    paint.fillStyle = '#ffffff'
    paint.fillRect(0, 0, canvas.width, canvas.height)
}

function draw({ink, points}) {
    paint.strokeStyle = ink
    paint.lineWidth = WIDTH
    paint.lineCap = paint.lineJoin = 'round'
    paint.beginPath()
    points.forEach(([x, y], at) => (at ? paint.lineTo(x, y) : paint.moveTo(x, y)))
    paint.lineTo(...points.at(-1)) // a dot, where there is one point
    paint.stroke()
}

function redraw() {
    clear()
    strokes.forEach(draw)
}

function placeOf(event) {
    const box = canvas.getBoundingClientRect()
    return [(event.clientX - box.left) * canvas.width / box.width,
            (event.clientY - box.top) * canvas.height / box.height]
}

const report = () => trigger('submit', {png: canvas.toDataURL('image/png')})

canvas.addEventListener('pointerdown', (event) => {
    event.preventDefault()
    canvas.setPointerCapture(event.pointerId)
    stroke = {ink, points: [placeOf(event)]}
    draw(stroke)
})

canvas.addEventListener('pointermove', (event) => {
    if (!stroke) return
    stroke.points.push(placeOf(event))
    draw(stroke)
})

for (const end of ['pointerup', 'pointercancel']) {
    canvas.addEventListener(end, () => {
        if (!stroke) return
        strokes.push(stroke)
        stroke = null
        report()
    })
}

element.addEventListener('click', (event) => {
    const button = event.target.closest('button')
    if (!button) return
    if (button.dataset.ink) {
        ink = button.dataset.ink
        element.querySelector('[aria-pressed="true"]').setAttribute('aria-pressed', 'false')
        button.setAttribute('aria-pressed', 'true')
        return
    }
    if (button.dataset.act === 'undo') strokes.pop()
    else strokes.length = 0
    redraw()
    if (strokes.length) report()
})

clear()
