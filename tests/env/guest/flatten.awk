# Flattens the YAML (or JSON) of a cloud seed to one "path|to|key=value" line for each scalar.
# Understands block and flow mappings and sequences, quotes and comments; no anchors, tags or block scalars.

function unquote(text) {
    gsub(/^[ \t]+|[ \t]+$/, "", text)
    if (text ~ /^".*"$/ || text ~ /^'.*'$/) text = substr(text, 2, length(text) - 2)
    return text
}

function join(path, key) { return path == "" ? key : path "|" key }

# The next characters of the flow text that match the pattern, taken off its front.
function take(pattern,    taken) {
    if (!match(flow, "^" pattern)) return ""
    taken = substr(flow, 1, RLENGTH)
    flow = substr(flow, RLENGTH + 1)
    return taken
}

function take_scalar(pattern) {
    if (flow ~ /^"/) return unquote(take("\"[^\"]*\""))
    if (flow ~ /^'/) return unquote(take("'[^']*'"))
    return unquote(take(pattern))
}

# Steps over blanks and commas; true while the flow collection has a further member.
# Text that is no flow collection at all ends the loop too: then nothing was taken since the last call.
function more_until(bracket,    last) {
    take("[ \t,]+")
    last = left
    left = length(flow)
    return left < last && left > 0 && substr(flow, 1, 1) != bracket
}

function take_value(path,    key, position) {
    take("[ \t]+")
    if (take("[{]") != "") {
        while (more_until("}")) {
            key = take_scalar("[^:,}]+")
            take("[ \t]*:")
            take_value(join(path, key))
        }
        take("[}]")
    } else if (take("\\[") != "") {
        position = 0
        while (more_until("]")) take_value(join(path, position++))
        take("\\]")
    } else print path "=" take_scalar(inside_flow ? "[^],}]*" : ".*")
}

function emit(path, text) {
    flow = text
    left = length(flow) + 1
    inside_flow = text ~ /^[ \t]*[[{]/
    take_value(path)
}

# One line of block style: pops the frames it leaves, then pushes or prints what it holds.
function block(indent, text,    parent, width) {
    if (text ~ /^-([ \t]|$)/) {
        while (depth && (indents[depth] > indent || (indents[depth] == indent && is_item[depth]))) depth--
        parent = depth ? paths[depth] : ""
        push(indent, join(parent, items[parent]++ + 0), 1)
        match(text, /^-[ \t]*/)
        width = RLENGTH
        if (length(text) > width) block(indent + width, substr(text, width + 1))
        return
    }
    while (depth && indents[depth] >= indent) depth--
    parent = depth ? paths[depth] : ""
    if (text !~ /^[[{]/ && match(text, /^("[^"]*"|'[^']*'|[^"'][^:]*):([ \t]+|$)/)) {
        width = RLENGTH
        key = substr(text, 1, width)
        sub(/:[ \t]*$/, "", key)
        if (length(text) > width) emit(join(parent, unquote(key)), substr(text, width + 1))
        else push(indent, join(parent, unquote(key)), 0)
    } else emit(parent, text)
}

function push(indent, path, item) {
    depth++
    indents[depth] = indent
    paths[depth] = path
    is_item[depth] = item
}

/^[ \t]*(#|$)/ || /^(---|\.\.\.)/ { next }

{
    sub(/[ \t\r]+$/, "")
    sub(/[ \t]+#.*$/, "")
    whole = whole == "" ? $0 : whole " " $0
    # A flow collection may go on over several lines: wait for its last bracket.
    opened = gsub(/[[{]/, "&", whole)
    closed = gsub(/[]}]/, "&", whole)
    if (opened > closed) next
    match(whole, /^ */)
    block(RLENGTH, substr(whole, RLENGTH + 1))
    whole = ""
}
