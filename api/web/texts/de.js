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
    question: "Ihre Frage",
    placeholder: "Diese Dokumente fragen",
    follow_up: "Nachfragen",
    submit: "Fragen",
    stop: "Anhalten",
    stop_hint: "Anhalten (Esc)",
    collections: "Sammlungen, die gefragt werden",
    no_collection: "Wählen Sie mindestens eine Sammlung.",
    more_collections: { one: "{n} weitere", other: "{n} weitere" },
    examples: "Zum Beispiel",
    recent: "Frühere Fragen",
    empty: "Noch ist nichts da, was man fragen könnte.",
    add: "Dokumente hinzufügen",
    about: "Gefragt: {names}",
    lost: "Dieses Gespräch gibt es nicht mehr.",
    broke_off: "Die Antwort brach ab: Fragen Sie noch einmal.",
    again: "Noch einmal fragen",
  },
  steps: {
    searching: "Sucht…",
    reading: { one: "Liest {n} Seite…", other: "Liest {n} Seiten…" },
    writing: "Schreibt…",
    searched: "Gesucht in {time}",
    read: { one: "{n} Seite gelesen", other: "{n} Seiten gelesen" },
    written: "beantwortet in {time}",
    stopped: "Angehalten",
    seconds: "{n} s",
  },
  answer: {
    stopped: "Angehalten: Diese Antwort ist nicht ganz, und nicht alles davon wurde geprüft.",
    stopped_empty: "Angehalten, bevor etwas geschrieben war.",
    unproved: "Von diesen Seiten nicht belegt",
    unproved_note: { one: "Ein punktiert unterstrichener Satz ist von diesen Seiten nicht belegt.", other: "{n} punktiert unterstrichene Sätze sind von diesen Seiten nicht belegt." },
    left_out: { one: "Ein Satz, den keine Seite belegt, wurde weggelassen.", other: "{n} Sätze, die keine Seite belegt, wurden weggelassen." },
    removed: "Die Nummer {n} nennt keine gelesene Seite: Sie wurde entfernt.",
    removed_note: { one: "Ein Verweis, der keine Seite nennt, wurde gestrichen.", other: "{n} Verweise, die keine Seite nennen, wurden gestrichen." },
    degraded: { one: "{n} Seite ließ sich nicht durchsuchen: Gespeicherte Dateien sind beschädigt.", other: "{n} Seiten ließen sich nicht durchsuchen: Gespeicherte Dateien sind beschädigt." },
    understood: "Gesucht: {question}",
    nearest: "Nächstliegende Seiten",
    pages_read: { one: "{n} Seite gelesen", other: "{n} Seiten gelesen" },
    proofs: "Belege",
    table: "Tabelle",
    marker: "Beleg {n}: {document}, {page}",
    marker_strength: "Beleg {n}: {document}, {page}, {strength}",
    sources: "Quellen",
  },
  strength: {
    clear: "klar",
    partial: "teilweise",
    weak: "schwach",
    clear_meaning: "Die Seite sagt es klar.",
    partial_meaning: "Die Seite stützt das zum Teil: Sehen Sie nach.",
    weak_meaning: "Die Seite sagt das kaum oder gar nicht: Auf ihr ist nichts markiert.",
  },
  actions: {
    group: "Mit dieser Antwort",
    copy: "Mit Quellen kopieren",
    copied: "Kopiert",
    link: "Link kopieren",
    helpful: "Hilfreich",
    wrong: "Falsch",
    wrong_evidence: "Falscher Beleg",
    comment: "Was wäre richtig?",
    send: "Senden",
    thanks: "Danke.",
    other_pages: "Mit anderen Seiten fragen",
    failed: "Dieser Browser lässt die Seite nicht kopieren.",
  },
  proof: {
    close: "Zurück zur Antwort",
    pane: "Seite",
    image: "{document}, {page}: die belegende Stelle",
    lost: "Das Bild dieser Seite lässt sich nicht laden.",
  },
  history: {
    title: "Gespräche",
    today: "Heute",
    yesterday: "Gestern",
    options: "Optionen von „{title}“",
    rename: "Umbenennen",
    delete: "Löschen",
    sure: "Dieses Gespräch löschen?",
    keep: "Behalten",
    name: "Titel",
    save: "Speichern",
    more: "Ältere",
    untitled: "Ohne Frage",
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
