//! How long the shared rules take natively: `cargo bench -p access-code`.

use access_code::{Length, OsRandom, check_custom, random_code};
use divan::{Bencher, counter::ItemsCount};

fn main() {
    divan::main();
}

/// Every code of a length, checked by R6–R8.
#[divan::bench(args = [4_usize, 6])]
fn check_every_code(bencher: Bencher<'_, '_>, digits: usize) {
    let codes: Vec<String> = (0..10_u32.pow(digits as u32)).map(|number| format!("{number:0digits$}")).collect();
    bencher
        .counter(ItemsCount::new(codes.len()))
        .bench(|| codes.iter().filter(|code| check_custom(divan::black_box(code)).is_err()).count());
}

/// One random code from the operating system, where every code is free (R17).
#[divan::bench(args = [4_usize, 6])]
fn draw_a_random_code(digits: usize) -> bool {
    let length = Length::from_digits(digits).expect("four or six");
    random_code(length, &mut OsRandom, |_| true).is_ok()
}
