// What the page says in English. A text with forms is chosen by the number `n`; {names} are filled in.

export default {
  frame: {
    skip: "Skip to the content",
    navigation: "pagesight",
    ask: "New question",
    search: "Search",
    library: "Library",
    status: "Status",
    nowhere: "Nothing is at this address.",
    lost: "This part of the page could not be loaded. Is the service still running?",
  },
  key: {
    wanted: "This service asks for an API key",
    label: "Key",
    enter: "Enter",
    used: "Key “{name}”",
    forget: "Sign out",
  },
  http: {
    unreachable: "pagesight cannot be reached, or ended the connection: is it still running?",
    status: "the service answered {status}",
    job_gone: "this work is not there any more",
  },
  page: {
    name: "page {number}",
    of: "page {number} of {total}",
    printed: '{name}, printed "{label}"',
  },
  count: {
    pages: { one: "{n} page", other: "{n} pages" },
    documents: { one: "{n} document", other: "{n} documents" },
  },

  // -- views/ask and proofs ---------------------------------------------------------------------------
  ask: {
    start: "Ask your documents. See the page that proves the answer.",
    question: "Your question",
    placeholder: "Ask about these documents",
    follow_up: "Ask a follow-up question",
    submit: "Ask",
    stop: "Stop",
    stop_hint: "Stop (Esc)",
    collections: "Collections to ask",
    no_collection: "Choose at least one collection.",
    more_collections: { one: "{n} more", other: "{n} more" },
    examples: "For example",
    recent: "Questions of before",
    empty: "There is nothing to ask yet.",
    add: "Add documents",
    about: "Asked of {names}",
    lost: "This conversation is not there any more.",
    broke_off: "The answer broke off: ask again.",
    again: "Ask again",
  },
  steps: {
    searching: "Searching…",
    reading: { one: "Reading {n} page…", other: "Reading {n} pages…" },
    writing: "Writing…",
    searched: "Searched in {time}",
    read: { one: "read {n} page", other: "read {n} pages" },
    written: "answered in {time}",
    stopped: "Stopped",
    seconds: "{n} s",
  },
  answer: {
    stopped: "Stopped: this answer is not whole, and not all of it was checked.",
    stopped_empty: "Stopped before anything was written.",
    unproved: "Not proved by these pages",
    unproved_note: { one: "A sentence underlined with dots is not proved by these pages.", other: "{n} sentences underlined with dots are not proved by these pages." },
    left_out: { one: "A sentence that no page proves was left out.", other: "{n} sentences that no page proves were left out." },
    removed: "Number {n} names no page that was read: it was removed.",
    removed_note: { one: "A citation that names no page was struck out.", other: "{n} citations that name no page were struck out." },
    degraded: { one: "{n} page could not be searched: stored files are damaged.", other: "{n} pages could not be searched: stored files are damaged." },
    understood: "Searched for: {question}",
    nearest: "Nearest pages",
    pages_read: { one: "Read {n} page", other: "Read {n} pages" },
    proofs: "Proofs",
    table: "Table",
    marker: "Citation {n}: {document}, {page}",
    marker_strength: "Citation {n}: {document}, {page}, {strength}",
    sources: "Sources",
  },
  strength: {
    clear: "clear",
    partial: "partial",
    weak: "weak",
    clear_meaning: "The page says so clearly.",
    partial_meaning: "The page supports this in part: look at it.",
    weak_meaning: "The page says this barely or not at all: nothing is marked on it.",
  },
  actions: {
    group: "With this answer",
    copy: "Copy with sources",
    copied: "Copied",
    link: "Copy link",
    helpful: "Helpful",
    wrong: "Wrong",
    wrong_evidence: "Wrong evidence",
    comment: "What would be right?",
    send: "Send",
    thanks: "Thank you.",
    other_pages: "Ask with other pages",
    failed: "This browser does not let the page copy.",
  },
  proof: {
    close: "Back to the answer",
    pane: "Page",
    image: "{document}, {page}: the region that is cited",
    lost: "The image of this page cannot be loaded.",
  },
  history: {
    title: "Conversations",
    today: "Today",
    yesterday: "Yesterday",
    options: "Options of “{title}”",
    rename: "Rename",
    delete: "Delete",
    sure: "Delete this conversation?",
    keep: "Keep",
    name: "Title",
    save: "Save",
    more: "Older",
    untitled: "Without a question",
  },

  // -- viewer -----------------------------------------------------------------------------------------
  viewer: {
    empty: "The page that proves the answer appears here.",
  },

  // -- views/search -----------------------------------------------------------------------------------
  search: {
    title: "Search",
  },

  // -- views/doc --------------------------------------------------------------------------------------
  doc: {
    title: "Document",
  },

  // -- views/library ----------------------------------------------------------------------------------
  library: {
    title: "Library",
  },

  // -- views/status -----------------------------------------------------------------------------------
  status: {
    title: "Status",
  },
};
