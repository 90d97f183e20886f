// Copies a listing; makes the page large and plain for a projector, until Escape.
element.addEventListener('click', async (event) => {
    const button = event.target.closest('button')
    if (button?.matches('.copy')) {
        const code = button.parentElement.querySelector('code')
        await navigator.clipboard?.writeText(code.textContent).catch(() => {})
        getSelection().selectAllChildren(code) // to be copied by hand where the browser forbids it
        button.textContent = 'Copied'
        setTimeout(() => button.textContent = 'Copy', 2500)
    }
    if (button?.matches('.projector')) {
        // Gradio writes every rule of the style sheet twice; only in here do both apply.
        const on = document.querySelector('.contain > .column').classList.toggle('projected')
        button.setAttribute('aria-pressed', on)
        button.textContent = on ? 'Back to the page' : 'For the projector'
    }
})
if (element.querySelector('.projector')) {
    document.addEventListener('keydown', (event) => {
        if (event.key === 'Escape') element.querySelector('[aria-pressed="true"]')?.click()
    })
}
