// A pad that draws from the first touch on: nothing has to be chosen or loaded first. Every stroke is
// reported as `submit` with the whole drawing, a PNG data URL. A pad that lies over a picture takes its
// proportions, and begins anew with another one; that nothing is drawn any more is reported as `clear`.
// A `wipe` that its frame receives takes the drawing away unreported.
const canvas = element.querySelector('canvas')
const paint = canvas.getContext('2d')
const {ground, over} = canvas.dataset
const LONGEST = 512 // pixels of a canvas that lies over a picture
const strokes = []
let ink = element.querySelector('[aria-pressed="true"]').dataset.ink, draws = false

function clear() {
    canvas.classList.toggle('blank', !strokes.length)
    paint.fillStyle = ground
    paint.fillRect(0, 0, canvas.width, canvas.height)
}

function draw({ink, points}) {
    const [[x, y], ...others] = points
    paint.strokeStyle = ink
    paint.lineWidth = Math.max(canvas.width, canvas.height) / 14
    paint.lineCap = paint.lineJoin = 'round'
    paint.beginPath()
    paint.moveTo(x, y)
    paint.lineTo(x + 0.1, y) // a line of no length would leave no dot
    others.forEach((place) => paint.lineTo(...place))
    paint.stroke()
}

// Anew each time: strokes drawn over themselves would have harder edges than those drawn once.
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
    strokes.push({ink, points: [placeOf(event)]})
    draws = true
    redraw()
})

canvas.addEventListener('pointermove', (event) => {
    if (!draws) return
    strokes.at(-1).points.push(placeOf(event))
    redraw()
})

for (const end of ['pointerup', 'pointercancel']) {
    canvas.addEventListener(end, () => {
        if (draws) report()
        draws = false
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
    else if (over) trigger('clear')
})

element.querySelector('.pad').addEventListener('wipe', () => {
    strokes.length = 0
    clear()
})

clear()

if (over) {
    const source = document.querySelector(over), below = element.querySelector('img')
    const follow = () => {
        const address = source.querySelector('img')?.src ?? ''
        if (address !== below.getAttribute('src')) below.src = address
    }
    below.addEventListener('load', () => {
        const scale = LONGEST / Math.max(below.naturalWidth, below.naturalHeight)
        canvas.width = Math.round(scale * below.naturalWidth)
        canvas.height = Math.round(scale * below.naturalHeight)
        if (strokes.length) trigger('clear')
        strokes.length = 0
        clear()
    })
    new MutationObserver(follow).observe(source, {subtree: true, childList: true, attributeFilter: ['src']})
    follow()
}
