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
