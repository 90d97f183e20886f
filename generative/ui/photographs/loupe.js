// A loupe over the pictures of the panel "Photographs": pointer or arrow keys show the same place of
// both, pixel for pixel, or twice as large where the whole picture is shown about as large already.
{
    const SIDE = 220 // pixels
    const STEP = 0.02 // of a picture's width or height, for an arrow key
    const AHEAD = {ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1]}
    const pictures = () => [...document.querySelectorAll('.under-loupe img')].filter((each) => each.checkVisibility())
    let place = [0.5, 0.5]

    // Where a picture is inside its element, which may be higher or wider than it.
    function frameOf(picture) {
        const box = picture.getBoundingClientRect()
        const scale = Math.min(box.width / picture.naturalWidth, box.height / picture.naturalHeight)
        const width = scale * picture.naturalWidth, height = scale * picture.naturalHeight
        return {left: box.left + (box.width - width) / 2, top: box.top + (box.height - height) / 2, width, height, scale}
    }

    function show() {
        const shown = pictures(), zoom = frameOf(shown[0]).scale > 0.6 ? 2 : 1
        for (const picture of shown) {
            const lens = lensOf(picture), frame = frameOf(picture)
            const around = picture.closest('.under-loupe').getBoundingClientRect()
            const sizes = [picture.naturalWidth * zoom, picture.naturalHeight * zoom]
            const [x, y] = place.map((share, axis) => SIDE / 2 - share * sizes[axis])
            lens.style.background = `url("${picture.src}") ${x}px ${y}px / ${sizes[0]}px ${sizes[1]}px no-repeat black`
            const left = frame.left - around.left + place[0] * frame.width - SIDE / 2
            const top = frame.top - around.top + place[1] * frame.height - SIDE / 2
            lens.style.translate = `${Math.max(0, Math.min(left, around.width - SIDE))}px ${top}px`
            lens.textContent = `${100 * zoom}%`
        }
    }

    function lensOf(picture) {
        const around = picture.closest('.under-loupe')
        let lens = around.querySelector('.loupe')
        if (!lens) {
            lens = document.createElement('div')
            lens.className = 'loupe'
            lens.ariaHidden = 'true'
            around.append(lens)
        }
        return lens
    }

    const hide = () => document.querySelectorAll('.loupe').forEach((lens) => lens.remove())
    const under = (event) => event.target.closest?.('.under-loupe')?.querySelector('img')

    document.addEventListener('pointermove', (event) => {
        const picture = under(event)
        if (!picture?.naturalWidth) return hide()
        const frame = frameOf(picture)
        place = [(event.clientX - frame.left) / frame.width, (event.clientY - frame.top) / frame.height]
        if (place.every((share) => share >= 0 && share <= 1)) show()
        else hide()
    })
    document.addEventListener('pointerleave', hide)
    document.addEventListener('keydown', (event) => {
        if (event.key === 'Escape') hide()
        if (!AHEAD[event.key] || !under(event)?.naturalWidth) return
        event.preventDefault()
        place = place.map((share, axis) => Math.min(1, Math.max(0, share + STEP * AHEAD[event.key][axis])))
        show()
    })
    document.addEventListener('focusout', hide)
}

// Saves a file that the server has made.
window.saveFile = (file) => {
    const link = document.createElement('a')
    link.href = file.url
    link.download = file.orig_name
    link.click()
}
