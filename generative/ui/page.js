// What Gradio's own page leaves without a name: the button around a picture, the sign of an empty one,
// and choices. Screen readers get the label of the block that holds them.
const labelOf = (part) =>
    part.closest('.block')?.querySelector('[data-testid="block-label"]')?.textContent.trim() || 'Picture'

const MENDED = {
    '.image-container button:not([aria-label]):not(:has(.sr-only))': (button) =>
        button.textContent.trim() || button.setAttribute('aria-label', labelOf(button)),
    '[aria-label="Empty value"]:not([role])': (sign) => sign.setAttribute('role', 'img'),
    '.thumbnail-item[aria-label^="Thumbnail"]': (button) => {
        const {alt} = button.querySelector('img') ?? {}
        if (alt) button.setAttribute('aria-label', alt)
    },
    'fieldset:not([aria-label])': (group) =>
        group.setAttribute('aria-label', group.querySelector('[data-testid="block-info"]')?.textContent.trim() ?? ''),
}

function mend() {
    for (const [selector, give] of Object.entries(MENDED)) document.querySelectorAll(selector).forEach(give)
}

// Arrow keys move among the choices of one name; Gradio gives each a name of its own, again and again.
for (const reached of ['focusin', 'keydown']) {
    document.addEventListener(reached, ({target}) => {
        if (!target.matches?.('fieldset input[type="radio"]')) return
        const group = target.closest('fieldset')
        group.querySelectorAll('input').forEach((choice) => choice.name = group.id)
    }, true)
}

// The ways in come first in the page, so they come first for Tab and for screen readers too. The
// toolkit can lay out nothing between the names of tabs and what they open.
function putChooserBelowWaysIn() {
    const chooser = document.querySelector('#chooser'), waysIn = document.querySelector('#panels > .tab-wrapper')
    if (chooser && waysIn && waysIn.nextElementSibling !== chooser) waysIn.after(chooser)
}

document.addEventListener('click', (event) => {
    if (!event.target.closest('.skip')) return
    event.preventDefault()
    const panel = [...document.querySelectorAll('#panels > .tabitem')].find((each) => each.checkVisibility())
    panel.tabIndex = -1
    panel.focus()
})

// What a term means, below its word: while it is pointed at, focused, or once it was tapped.
{
    let shown
    const meaning = document.createElement('div')
    meaning.id = 'meaning'

    function show(term) {
        if (shown === term) return
        shown = term
        meaning.textContent = document.getElementById(term.getAttribute('aria-describedby')).textContent
        // In here, the colours and the type of the page hold.
        document.querySelector('.gradio-container').append(meaning)
        const word = term.getBoundingClientRect(), margin = 8
        const left = Math.min(word.left, document.documentElement.clientWidth - meaning.offsetWidth - margin)
        meaning.style.translate = `${Math.max(margin, left)}px ${word.bottom + 4}px`
    }

    function hide() {
        shown = undefined
        meaning.remove()
    }

    const termOf = (event) => event.target.closest?.('.term')
    for (const begins of ['pointerover', 'focusin', 'click']) {
        document.addEventListener(begins, (event) => {
            const term = termOf(event)
            if (term) show(term)
            else if (begins === 'click' || begins === 'pointerover' && !event.target.closest?.('#meaning') && document.activeElement !== shown) hide()
        })
    }
    document.addEventListener('focusout', (event) => termOf(event) && hide())
    document.addEventListener('keydown', (event) => event.key === 'Escape' && hide())
    document.addEventListener('scroll', hide, {capture: true, passive: true})
}

// What a visitor unfolds in an answer stays unfolded in the answers that take its place.
const unfolded = new WeakMap() // block → what the folds that are open in it are called
const FOLD = '.block details'
const titleOf = (fold) => fold.querySelector('summary').textContent

document.addEventListener('click', (event) => {
    const fold = event.target.closest?.(`${FOLD} > summary`)?.parentElement
    if (!fold) return
    const block = fold.closest('.block'), titles = unfolded.get(block) ?? new Set()
    if (fold.open) titles.delete(titleOf(fold)) // It is about to be folded.
    else titles.add(titleOf(fold))
    unfolded.set(block, titles)
})

function unfold() {
    for (const fold of document.querySelectorAll(`${FOLD}:not([open])`)) {
        if (unfolded.get(fold.closest('.block'))?.has(titleOf(fold))) fold.open = true
    }
}

function oncePerFrame(act) {
    let waits = false
    return () => {
        if (!waits) requestAnimationFrame(() => (waits = false, act()))
        waits = true
    }
}

new MutationObserver(oncePerFrame(() => {
    mend()
    unfold()
    putChooserBelowWaysIn()
})).observe(document, {childList: true, subtree: true})

// Nothing is computed for a part of the page that is not open: presses a button once it is.
{
    const waiting = new Map() // id of a button → its part; what is in a part is laid out as it opens
    const isOpen = (part) => document.getElementById(part)?.checkVisibility()
    const press = () => {
        for (const [button, part] of waiting) window.pressOnceOpen(part, button)
        if (!waiting.size) opening.disconnect()
    }
    const opening = new MutationObserver(oncePerFrame(press))
    window.pressOnceOpen = (part, id) => {
        const button = isOpen(part) && document.getElementById(id)
        if (button) {
            waiting.delete(id)
            button.click()
        } else if (waiting.get(id) === undefined) {
            waiting.set(id, part)
            opening.observe(document.body, {childList: true, subtree: true, attributeFilter: ['class', 'style']})
        }
        return []
    }
}

// Opens tabs by their ids, from the outside in, and shows that the picture at the top has changed.
window.showUse = (tabs) => {
    tabs.forEach((tab) => document.getElementById(`${tab}-button`)?.click())
    const top = document.querySelector('#picture')
    top.scrollIntoView({block: 'nearest'})
    top.classList.remove('arrived')
    requestAnimationFrame(() => top.classList.add('arrived'))
}

// Says of work that was stopped, instead of what it was about to do, that it was.
window.stopped = (selector) => {
    const bar = document.querySelector(`${selector} .bar`)
    if (bar && bar.getAttribute('aria-valuenow') !== '100') bar.nextElementSibling.textContent = 'Stopped.'
}

// Puts the picture at the top into A, and what was in A into B; what a link put there stays.
{
    let last, lastCode // of the picture at the top; the address of a picture names its content
    window.follow = (picture, code, a, aCode, b, bCode) => {
        const isFirst = last === undefined, before = lastCode
        const stays = !picture || picture.url === last || (a && (isFirst || picture.url === a.url))
        if (picture) [last, lastCode] = [picture.url, code]
        if (stays) return [a, aCode, b, bCode]
        return a ? [picture, code, a, aCode || before] : [picture, isFirst ? '' : code, b, bCode]
    }
}
