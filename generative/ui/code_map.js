// The map of codes: the pointer or the arrow keys move from point to point, and the page shows the
// picture of each at once, cut out of the sheets that came with the map. A click keeps it.
const TILE = 28 // pixels
const AHEAD = {ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1]}
let kept = 0

const field = () => element.querySelector('.field')
const dots = () => [...element.querySelectorAll('.dots circle')]
const placeOf = (dot) => [dot.cx.baseVal.value, dot.cy.baseVal.value]

function show(at) {
    const dot = dots()[at]
    if (!dot) return
    element.querySelectorAll('.sheet-of-pictures').forEach((sheet, index) => {
        const columns = sheet.naturalWidth / TILE, canvas = element.querySelectorAll('.card canvas')[index]
        const from = [at % columns * TILE, Math.floor(at / columns) * TILE]
        canvas.getContext('2d').drawImage(sheet, ...from, TILE, TILE, 0, 0, TILE, TILE)
    })
    const [x, y] = placeOf(dot), ring = element.querySelector('.ring')
    ring.setAttribute('cx', x)
    ring.setAttribute('cy', y)
    element.querySelector('.card h4').textContent = `${dot.dataset.name} (picture ${at})`
}

function nearest(x, y, counts = () => true) {
    let best = -1, least = Infinity
    dots().forEach((dot, at) => {
        const [across, down] = placeOf(dot).map((value, axis) => value - [x, y][axis])
        const distance = Math.hypot(across, down)
        if (distance < least && counts(across, down)) [best, least] = [at, distance]
    })
    return best
}

function below(event) {
    const box = field().getBoundingClientRect(), {width, height} = field().viewBox.baseVal
    return nearest((event.clientX - box.left) / box.width * width, (event.clientY - box.top) / box.height * height)
}

element.addEventListener('pointermove', (event) => event.target.closest('.field') && show(below(event)))
element.addEventListener('pointerout', (event) => field()?.contains(event.relatedTarget) || show(kept))
element.addEventListener('click', (event) => {
    if (event.target.closest('.field')) show(kept = below(event))
})
element.addEventListener('keydown', (event) => {
    if (!event.target.matches('.field') || !AHEAD[event.key]) return
    event.preventDefault()
    const [right, down] = AHEAD[event.key], [x, y] = placeOf(dots()[kept])
    // The nearest within a right angle around the direction of the key.
    const found = nearest(x, y, (u, v) => u * right + v * down > Math.abs(u * down + v * right))
    if (found >= 0) show(kept = found)
})

function begin() {
    kept = 0
    Promise.all([...element.querySelectorAll('.sheet-of-pictures')].map((sheet) => sheet.decode())).then(() => show(0))
}
watch('value', begin)
begin()
