// What the buttons of "Paint" may do, and whether the picture above them is what is asked for now.
window.easel = (() => {
    const DOUBLE_CLICK = 600 // milliseconds: two clicks within them are one
    let live // how many settings, the first of them, a painting that runs follows
    let paints = false, stops = false, began = 0, rested
    let painted, before, now // settings of the picture, of the one before it, and of the page

    const same = (a, b) => JSON.stringify(a.map(of)) === JSON.stringify(b.map(of))
    const of = (value) => value?.path ?? value
    const enabled = (...which) => which.map((interactive) => ({__type__: 'update', interactive}))

    function compare() {
        const offer = document.querySelector('#offer p'), from = paints ? live : 0
        offer.hidden = !painted || same(painted.slice(from), now.slice(from))
        offer.firstElementChild.textContent = paints
            ? 'This painting is of the pictures and settings that you chose before.'
            : 'You have changed pictures or settings since this was painted.'
    }

    function note(values, turned) {
        now = values
        live = turned
        if (painted && paints) painted = [...now.slice(0, live), ...painted.slice(live)]
        compare()
        return ''
    }

    function run() {
        paints = true
        began = performance.now()
        compare()
        return [...enabled(true, false, false), '']
    }

    // Paint, pressed while it paints, stops that first: what follows waits for this promise.
    async function begin(values, turned) {
        now = values
        live = turned
        if (paints) {
            if (performance.now() - began < DOUBLE_CLICK) return new Promise(() => {})
            await new Promise((resolve) => {
                rested = resolve
                document.querySelector('#stop-painting').click()
            })
        }
        before = painted
        painted = now
        return run()
    }

    function goOn(values) {
        now = values
        before = painted
        painted = [...now.slice(0, live), ...(painted ?? now).slice(live)]
        return run()
    }

    // A step, or compiling for the next size, may take a few seconds to end.
    function stop() {
        stops = paints
        return {__type__: 'update', value: 'Stopping…', interactive: false}
    }

    // Nothing follows the failure of a painting that was stopped: its end is reported as well.
    async function fail() {
        if (stops) await new Promise(() => {})
        painted = before
    }

    function rest() {
        const again = rested
        rested = undefined
        paints = stops = false
        compare()
        again?.()
        return {__type__: 'update', value: 'Stop', interactive: Boolean(again)}
    }

    return {note, begin, goOn, stop, fail, rest}
})()
