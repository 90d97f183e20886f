// The last picture of each choice that could be used: an upload that is refused gives way to it.
window.uploads = (() => {
    const histories = {} // by the name of the choice: the picture before the last, and the last

    // A picture and what stands for it in a link change one after the other.
    function note(name, picture, code) {
        const history = histories[name] ??= [{picture: null, code: ''}]
        if (history.at(-1).picture?.path === picture?.path) history.at(-1).code = code
        else histories[name] = [history.at(-1), {picture, code}]
    }

    function back(name, none) {
        const {picture, code} = histories[name][0]
        return picture ? [picture, code] : [null, none]
    }

    return {note, back}
})()
