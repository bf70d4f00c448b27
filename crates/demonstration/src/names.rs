//! The names of people and units.

/// The units of six floors.
pub(crate) fn units() -> impl Iterator<Item = String> {
    (1..=6).flat_map(|floor| (1..=40).map(move |number| format!("{floor}{number:02}")))
}

/// A person's name; many numbers have a unique one.
pub(crate) fn name(number: usize) -> String {
    const FIRST: [&str; 30] = [
        "Ben",
        "Zoë",
        "Kira",
        "Olga",
        "Sam",
        "Nils",
        "Mia",
        "Tess",
        "Finn",
        "Aya",
        "José",
        "Lena",
        "Omar",
        "Ines",
        "Paul",
        "Ruth",
        "Hugo",
        "Nadia",
        "Tom",
        "Yuki",
        "Clara",
        "Ivan",
        "Maya",
        "Luis",
        "Ella",
        "Noah",
        "Priya",
        "Søren",
        "Agnieszka",
        "Dario",
    ];
    const LAST: [&str; 31] = [
        "Weiss", "O’Neil", "Fox", "Meyer", "Cruz", "Gray", "Okafor", "Park", "Ito", "Silva", "Nowak", "Rossi",
        "Dubois", "Lind", "Novák", "Haas", "Moreno", "Kaya", "Petrov", "Singh", "Berg", "Costa", "Adler", "Young",
        "Marín", "Vogel", "Tanaka", "Blake", "Öztürk", "Ahmed", "de Vries",
    ];
    format!("{} {}", FIRST[number % FIRST.len()], LAST[(number * 7 + number / 30) % LAST.len()])
}
