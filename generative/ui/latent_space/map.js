// The map: a click reports its place as `select`; a path that is dragged, as `submit`. While it is
// dragged, a lens shows the tile below the pointer, cut out of the map itself: no request is made.
const CLICK = 6 // pixels: a drag that is shorter is a click
const MOST = 900 // places that are sent; the server takes 1,000
let path = null

const plane = () => element.querySelector('.plane')

function placeOf(event) {
    const box = plane().getBoundingClientRect()
    const low = Number(plane().dataset.low), span = Number(plane().dataset.span)
    const across = Math.min(Math.max((event.clientX - box.left) / box.width, 0), 1)
    const down = Math.min(Math.max((event.clientY - box.top) / box.height, 0), 1)
    return {across, down, latent: [low + across * span, low + (1 - down) * span]}
}

window.placeOnMap = (x, y) => {
    const marker = element.querySelector('.marker')
    marker?.setAttribute('cx', x)
    marker?.setAttribute('cy', -y)
}

function look(place) {
    const lens = element.querySelector('.lens'), tiles = Number(plane().dataset.tiles)
    const at = (share) => Math.min(Math.floor(share * tiles), tiles - 1) / (tiles - 1) * 100
    lens.style.backgroundImage = `url(${element.querySelector('img').src})`
    lens.style.backgroundSize = `${tiles * 100}%`
    lens.style.backgroundPosition = `${at(place.across)}% ${at(place.down)}%`
    lens.style.left = `${place.across * 100}%`
    lens.style.top = `${place.down * 100}%`
    lens.style.display = 'block'
    window.placeOnMap(...place.latent)
}

element.addEventListener('pointerdown', (event) => {
    if (!event.target.closest('.plane')) return
    event.preventDefault()
    plane().setPointerCapture(event.pointerId)
    path = {from: [event.clientX, event.clientY], points: [placeOf(event).latent], long: false}
})

element.addEventListener('pointermove', (event) => {
    if (!path) return
    const place = placeOf(event)
    if (Math.hypot(event.clientX - path.from[0], event.clientY - path.from[1]) > CLICK) path.long = true
    if (!path.long || path.points.length >= MOST) return
    path.points.push(place.latent)
    element.querySelector('.path').setAttribute('points', path.points.map(([x, y]) => `${x},${-y}`).join(' '))
    look(place)
})

element.addEventListener('pointerup', (event) => {
    if (!path) return
    const {points, long} = path
    path = null
    element.querySelector('.lens').style.display = 'none'
    const end = placeOf(event).latent
    window.placeOnMap(...end)
    trigger('select', {index: end, value: null})
    if (long) trigger('submit', {points})
    else element.querySelector('.path').setAttribute('points', '')
})

element.addEventListener('pointercancel', () => {
    path = null
    const lens = element.querySelector('.lens')
    if (lens) lens.style.display = 'none'
})
