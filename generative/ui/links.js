// The page's address holds its state. The server names the widgets (links.py) and reads an address
// when the page is loaded; this writes it, while the visitor plays, and opens the tabs it names.
window.links = (() => {
    const PAUSE = 300 // milliseconds: browsers forbid more than a few changes of the address a second
    const VERSION = '1'
    let kept = {names: [], tabs: {}}
    let fields = {}, begun = false, timer = 0 // fields: name → what isn't as usual, as it is written

    const buttonOf = (tab) => document.getElementById(`${tab}-button`)
    const selected = (tabs) => tabs.find((tab) => buttonOf(tab)?.matches('.selected'))

    function text(value) {
        if (Array.isArray(value)) return value.map(text).join('*')
        return typeof value === 'number' ? String(Number(value.toFixed(6))) : String(value ?? '')
    }

    function note(name, usual, value) {
        set(name, text(value), usual)
        if (begun) writeSoon()
    }

    function writeSoon() {
        clearTimeout(timer)
        timer = setTimeout(write, PAUSE)
    }

    function set(name, value, usual) {
        if (value === usual) delete fields[name]
        else fields[name] = value
    }

    function address(params) {
        const all = [...Object.keys(kept.tabs), ...kept.names]
        for (const name of ['v', ...all]) params.delete(name)
        // The version first: a link that is cut off keeps it.
        if (Object.keys(fields).length) params.set('v', VERSION)
        for (const name of all) if (name in fields) params.set(name, fields[name])
        const query = params.toString()
        return `${location.pathname}${query && '?'}${query}`
    }

    // One entry in the browser's history for each panel; within a panel, the entry follows.
    function write() {
        const before = fields.panel
        for (const [name, tabs] of Object.entries(kept.tabs)) set(name, selected(tabs) ?? fields[name] ?? tabs[0], tabs[0])
        const now = address(new URLSearchParams(location.search))
        if (now === location.pathname + location.search) return
        if (before === fields.panel) history.replaceState(null, '', now)
        else history.pushState(null, '', now)
        if (document.referrer.startsWith('https://huggingface.co/') && window.parent !== window) {
            window.parent.postMessage({queryString: now.split('?')[1] ?? ''}, 'https://huggingface.co')
        }
    }

    async function open() {
        for (const [name, tabs] of Object.entries(kept.tabs)) {
            const tab = fields[name] ?? tabs[0]
            for (let waits = 0; fields[name] && !buttonOf(tab) && waits < 100; waits++) await new Promise(requestAnimationFrame)
            if (!buttonOf(tab)?.matches('.selected')) buttonOf(tab)?.click()
        }
    }

    async function begin(declared, accepted) {
        kept = declared
        Object.assign(fields, JSON.parse(accepted || '{}'))
        await open()
        begun = true
        write()
    }

    document.addEventListener('click', (event) => begun && event.target.closest('[role="tab"]') && writeSoon())

    window.addEventListener('popstate', async () => {
        if (!begun) return // The names are not known yet, and the address is about to be read.
        const asked = new URLSearchParams(location.search)
        for (const [name, tabs] of Object.entries(kept.tabs)) set(name, asked.get(name) ?? tabs[0], tabs[0])
        await open()
        history.replaceState(null, '', address(asked))
    })

    async function copy(button) {
        write()
        // What begins with two underscores, such as a theme or a pass, is this visitor's own.
        const params = new URLSearchParams(location.search)
        for (const name of [...params.keys()]) if (name.startsWith('__')) params.delete(name)
        const link = location.origin + address(params), usual = button.textContent
        try {
            await navigator.clipboard.writeText(link)
        } catch {
            copyByHand(link)
            button.focus()
        }
        const photo = Object.values(fields).includes('own')
        button.textContent = photo ? 'Copied; your own photo stays here' : 'Copied'
        setTimeout(() => button.textContent = usual, 2500)
    }

    // Where the page is served without encryption, or in a frame that may not write to the clipboard.
    function copyByHand(link) {
        const field = document.createElement('textarea')
        field.value = link
        document.body.append(field)
        field.select()
        document.execCommand('copy')
        field.remove()
    }

    return {note, begin, copy, asked: () => location.search}
})()
