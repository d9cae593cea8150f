// What the page says in German; what is missing here is said in English.

export default {
  frame: {
    skip: "Zum Inhalt",
    navigation: "pagesight",
    ask: "Neue Frage",
    search: "Suche",
    library: "Bibliothek",
    status: "Zustand",
    nowhere: "An dieser Adresse ist nichts.",
    lost: "Dieser Teil der Seite ließ sich nicht laden. Läuft der Dienst noch?",
  },
  key: {
    wanted: "Dieser Dienst verlangt einen API-Schlüssel",
    label: "Schlüssel",
    enter: "Weiter",
    used: "Schlüssel „{name}“",
    forget: "Abmelden",
  },
  http: {
    unreachable: "pagesight ist nicht zu erreichen oder hat die Verbindung beendet: Läuft es noch?",
    status: "der Dienst antwortete {status}",
    job_gone: "diese Arbeit gibt es nicht mehr",
  },
  page: {
    name: "Seite {number}",
    of: "Seite {number} von {total}",
    printed: "{name}, gedruckt „{label}“",
  },
  count: {
    pages: { one: "{n} Seite", other: "{n} Seiten" },
    documents: { one: "{n} Dokument", other: "{n} Dokumente" },
  },

  // -- views/ask and proofs ---------------------------------------------------------------------------
  ask: {
    start: "Fragen Sie Ihre Dokumente. Sehen Sie die Seite, die die Antwort belegt.",
  },

  // -- viewer -----------------------------------------------------------------------------------------
  viewer: {
    empty: "Hier erscheint die Seite, die die Antwort belegt.",
  },

  // -- views/search -----------------------------------------------------------------------------------
  search: {
    title: "Suche",
  },

  // -- views/doc --------------------------------------------------------------------------------------
  doc: {
    title: "Dokument",
  },

  // -- views/library ----------------------------------------------------------------------------------
  library: {
    title: "Bibliothek",
  },

  // -- views/status -----------------------------------------------------------------------------------
  status: {
    title: "Zustand",
  },
};
