// The styles at the corners of a triangle, or at the ends of a line where there are only two. The
// barycentric coordinates of the point between them are their shares. What a visitor does with pointer
// or keys is reported as `input`: the weights of the second and third style, beside 1.
const SOURCES = ['#style-picture', '#second-picture', '#third-picture']
const NAMES = ['first', 'second', 'third']
const WIDTH = 280, LEFT = 45, SIDE = 190, HEIGHT = SIDE * Math.sqrt(3) / 2, BASE = 58 + HEIGHT // pixels
const CORNERS = [[LEFT, BASE], [LEFT + SIDE, BASE], [LEFT + SIDE / 2, BASE - HEIGHT]]
const THUMBS = [[LEFT - 22, BASE + 14], [LEFT + SIDE - 22, BASE + 14], [LEFT + SIDE / 2 - 22, 0]]
const TEXTS = [[LEFT, BASE + 75], [LEFT + SIDE, BASE + 75], [LEFT + SIDE / 2 + 32, 27]]
const BOTTOM = BASE + 82
const AHEAD = {ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1]}
const KEY_STEP = SIDE / 50
const PAUSE = 150 // milliseconds between two reports

const svg = element.querySelector('svg'), point = svg.querySelector('circle')
const most = Number(element.querySelector('#blend').dataset.most)
let weights = [1, ...props.value]
let pictures = [], present = [0] // addresses of the styles' pictures; which styles there are
let drags = false, timer = 0

function sharesOf(weights) {
    const total = weights.reduce((sum, each) => sum + each)
    return weights.map((weight) => weight / total)
}

// Outside the triangle, what would be negative is nothing, so that the point goes to the edge.
function sharesAt([x, y]) {
    const top = present.length > 2 ? (BASE - y) / HEIGHT : 0
    const right = (x - LEFT) / SIDE - top / 2
    return sharesOf([1 - right - top, right, top].map((share) => Math.max(share, 0)))
}

function placeOf(shares) {
    return [0, 1].map((axis) => shares.reduce((sum, share, at) => sum + share * CORNERS[at][axis], 0))
}

// The first style always weighs 1, so its share cannot be nothing at all.
function weigh(shares) {
    const first = Math.max(shares[0], 1 / most)
    present.forEach((style, at) => {
        if (style) weights[style] = Number((shares[at] / first).toPrecision(3))
    })
    draw()
}

const shares = () => sharesOf(present.map((style) => weights[style]))
const percent = (share) => `${Math.round(100 * share)}%`

function draw() {
    const [blended, blends] = [shares(), present.length > 1]
    element.querySelector('figure').hidden = !blends
    element.querySelector('p').hidden = blends
    const top = present.length > 2 ? 0 : BASE - 14
    svg.setAttribute('viewBox', `0 ${top} ${WIDTH} ${BOTTOM - top}`)
    svg.querySelector('path').setAttribute('d', `M${CORNERS.slice(0, present.length).join('L')}Z`)
    svg.querySelectorAll('.corner').forEach((corner, at) => {
        corner.style.display = at in present ? '' : 'none'
        if (at in present) show(corner, at, blended[at])
    })
    const [x, y] = placeOf(blended)
    point.setAttribute('cx', x)
    point.setAttribute('cy', y)
    const said = present.map((style, at) => `${NAMES[style]}${style ? '' : ' style'} ${percent(blended[at])}`)
    svg.setAttribute('aria-valuenow', Math.round(100 * blended[0]))
    svg.setAttribute('aria-valuetext', said.join(', '))
}

function show(corner, at, share) {
    const [image, text] = corner.children, style = present[at]
    place(image, THUMBS[at])
    place(text, TEXTS[at])
    image.setAttribute('href', pictures[style])
    text.textContent = `${NAMES[style]} ${percent(share)}`
    text.setAttribute('text-anchor', at < 2 ? 'middle' : 'start')
}

function place(part, [x, y]) {
    part.setAttribute('x', x)
    part.setAttribute('y', y)
}

function report() {
    timer ||= setTimeout(() => {
        timer = 0
        props.value = weights.slice(1)
        trigger('input')
    }, PAUSE)
}

function follow(event) {
    const box = svg.getBoundingClientRect(), {y, width} = svg.viewBox.baseVal, scale = width / box.width
    weigh(sharesAt([(event.clientX - box.left) * scale, y + (event.clientY - box.top) * scale]))
    report()
}

const middle = () => weigh(present.map(() => 1 / present.length))

svg.addEventListener('pointerdown', (event) => {
    event.preventDefault()
    svg.focus({preventScroll: true})
    svg.setPointerCapture(event.pointerId)
    drags = true
    follow(event)
})
svg.addEventListener('pointermove', (event) => drags && follow(event))
for (const end of ['pointerup', 'pointercancel']) {
    svg.addEventListener(end, () => { drags = false })
}
svg.addEventListener('dblclick', () => {
    middle()
    report()
})
svg.addEventListener('keydown', (event) => {
    if (event.key !== 'Home' && !AHEAD[event.key]) return
    event.preventDefault()
    if (event.key === 'Home') middle()
    else {
        const [right, down] = AHEAD[event.key], [x, y] = placeOf(shares())
        // On a line, up is towards the second style, as in every slider.
        const along = present.length > 2 ? right : right - down
        weigh(sharesAt([x + KEY_STEP * along, y + KEY_STEP * down]))
    }
    report()
})

// What comes back of an older report must not move the point under the visitor's hand.
watch('value', () => {
    if (drags || timer) return
    weights = [1, ...props.value]
    draw()
})

function look() {
    const found = SOURCES.map((source) => document.querySelector(`${source} img`)?.src ?? '')
    if (String(found) === String(pictures)) return
    pictures = found
    present = [0, 1, 2].filter((style) => !style || pictures[style])
    draw()
}
const seen = {subtree: true, childList: true, attributeFilter: ['src']}
for (const each of ['#more-styles', '#style-picture']) new MutationObserver(look).observe(document.querySelector(each), seen)
look()
draw()
