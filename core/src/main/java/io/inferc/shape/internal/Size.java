package io.inferc.shape.internal;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * An integer that is known as far as a model tells: a polynomial with integer coefficients over
 * {@link Atom}s, in one form for each value. Two sizes that are equal are the same number in every
 * run; of two that are not equal nothing follows.
 *
 * <p>Immutable. Arithmetic is exact; what does not fit 64 bits throws {@link ArithmeticException}.
 */
public final class Size {
  static final Size ZERO = of(0);
  static final Size ONE = of(1);
  static final Size MINUS_ONE = of(-1);

  /** Longer ones are not worth comparing. */
  static final int LONGEST = 4000;

  /** Sums and products that may have more terms are not followed. */
  private static final int MOST_TERMS = 512;

  /** How many characters the names of all atoms may have together. */
  private static final int MOST_LETTERS = 4 * LONGEST;

  /** A product of atoms, sorted; empty for the number 1. */
  record Product(List<Atom> atoms) implements Comparable<Product> {
    static final Product NONE = new Product(List.of());

    long letters() {
      long all = 0;
      for (Atom atom : atoms) {
        all += atom.key().length();
      }
      return all;
    }

    Product times(Product other) {
      List<Atom> all = new ArrayList<>(atoms);
      all.addAll(other.atoms);
      all.sort(null);
      return new Product(List.copyOf(all));
    }

    /** What is left without the atoms of another product, or null if it has others. */
    @Nullable Product without(Product other) {
      List<Atom> rest = new ArrayList<>(atoms);
      for (Atom atom : other.atoms) {
        if (!rest.remove(atom)) {
          return null;
        }
      }
      return new Product(List.copyOf(rest));
    }

    @Override
    public int compareTo(Product other) {
      // Higher degrees first, so that a polynomial division goes by the leading term.
      int degree = Integer.compare(other.atoms.size(), atoms.size());
      for (int i = 0; i < atoms.size() && degree == 0; i++) {
        degree = atoms.get(i).compareTo(other.atoms.get(i));
      }
      return degree;
    }
  }

  private final SortedMap<Product, Long> terms;
  private final long letters;
  private @Nullable Bounds bounds;
  private @Nullable String text;

  private Size(SortedMap<Product, Long> terms) {
    this.terms = terms;
    long all = 0;
    for (Product p : terms.keySet()) {
      all += p.letters();
    }
    letters = all;
  }

  /**
   * Returns a number.
   *
   * @param value the number
   * @return the size
   */
  public static Size of(long value) {
    SortedMap<Product, Long> terms = new TreeMap<>();
    if (value != 0) {
      terms.put(Product.NONE, value);
    }
    return new Size(terms);
  }

  static Size of(Atom atom) {
    SortedMap<Product, Long> terms = new TreeMap<>();
    terms.put(new Product(List.of(atom)), 1L);
    Size size = new Size(terms);
    return size.toString().length() > LONGEST ? unknown(atom.bounds()) : size;
  }

  /**
   * Returns a symbol of the model.
   *
   * @param name its name
   * @param bounds what it may be
   * @return the size
   */
  public static Size symbol(String name, Bounds bounds) {
    return of(Atom.symbol(name, bounds));
  }

  static Size unknown(Bounds bounds) {
    return of(Atom.unknown(bounds));
  }

  /** A size that only the run tells. */
  static Size unknown() {
    return unknown(Bounds.SIZE);
  }

  Size plus(Size other) {
    if (terms.size() + other.terms.size() > MOST_TERMS || letters + other.letters > MOST_LETTERS) {
      return unknown(bounds().plus(other.bounds()));
    }
    SortedMap<Product, Long> sum = new TreeMap<>(terms);
    other.terms.forEach((p, c) -> add(sum, p, c));
    return new Size(sum);
  }

  Size plus(long other) {
    return plus(of(other));
  }

  Size minus(Size other) {
    return plus(other.times(MINUS_ONE));
  }

  Size times(Size other) {
    long all = letters * other.terms.size() + other.letters * terms.size();
    if ((long) terms.size() * other.terms.size() > MOST_TERMS || all > MOST_LETTERS) {
      return unknown(bounds().times(other.bounds()));
    }
    SortedMap<Product, Long> product = new TreeMap<>();
    terms.forEach(
        (p, c) ->
            other.terms.forEach((q, d) -> add(product, p.times(q), Math.multiplyExact(c, d))));
    return new Size(product);
  }

  Size times(long other) {
    return times(of(other));
  }

  private static void add(SortedMap<Product, Long> terms, Product product, long coefficient) {
    long sum = Math.addExact(terms.getOrDefault(product, 0L), coefficient);
    if (sum == 0) {
      terms.remove(product);
    } else {
      terms.put(product, sum);
    }
  }

  static Size product(List<Size> sizes) {
    Size product = ONE;
    for (Size s : sizes) {
      product = product.times(s);
    }
    return product;
  }

  long coefficient(Product product) {
    return terms.getOrDefault(product, 0L);
  }

  SortedMap<Product, Long> terms() {
    return terms;
  }

  static Size ofTerms(SortedMap<Product, Long> terms) {
    return new Size(terms);
  }

  /** The quotient if the division leaves nothing over, whatever the atoms are. */
  Optional<Size> dividedExactlyBy(Size divisor) {
    if (divisor.terms.isEmpty()) {
      return Optional.empty();
    }
    Product leading = divisor.terms.firstKey();
    long coefficient = divisor.coefficient(leading);
    Size rest = this;
    Size quotient = ZERO;
    // Each step takes away the leading term; a division that goes on longer is not worth it.
    for (int step = 0; step < 64 && !rest.terms.isEmpty(); step++) {
      Product first = rest.terms.firstKey();
      long of = rest.coefficient(first);
      Product without = first.without(leading);
      if (without == null || of % coefficient != 0) {
        return Optional.empty();
      }
      SortedMap<Product, Long> term = new TreeMap<>();
      term.put(without, of / coefficient);
      Size part = new Size(term);
      quotient = quotient.plus(part);
      rest = rest.minus(part.times(divisor));
    }
    return rest.terms.isEmpty() ? Optional.of(quotient) : Optional.empty();
  }

  /** Tells whether this is 0 whenever the other is. */
  boolean vanishesWith(Size other) {
    if (other.terms.size() != 1) {
      return equals(other);
    }
    // A product is 0 if one of its factors is, so each of them must take this along.
    return other.terms.firstKey().atoms().stream()
        .allMatch(a -> terms.keySet().stream().allMatch(p -> p.atoms().contains(a)));
  }

  /** How much memory this takes, as a number of simple sizes. */
  long weight() {
    return 1 + (isNumber() ? 0 : terms.size() + letters / 16);
  }

  boolean isNumber() {
    return terms.isEmpty() || (terms.size() == 1 && terms.firstKey().atoms().isEmpty());
  }

  boolean is(long value) {
    return isNumber() && number() == value;
  }

  /** Returns the number, if it is one. */
  long number() {
    if (!isNumber()) {
      throw new Unproved();
    }
    return coefficient(Product.NONE);
  }

  /**
   * Returns the one number that this can be.
   *
   * @return the number, or empty if there may be several
   */
  public OptionalLong fixed() {
    return bounds().min() == bounds().max()
        ? OptionalLong.of(bounds().min())
        : OptionalLong.empty();
  }

  /**
   * Returns the symbol of the model that this is.
   *
   * @return the symbol, or empty if it is something else
   */
  public Optional<String> symbol() {
    Atom atom = atom();
    return atom == null ? Optional.empty() : Optional.ofNullable(atom.symbol());
  }

  @Nullable Atom atom() {
    if (terms.size() != 1 || coefficient(terms.firstKey()) != 1) {
      return null;
    }
    List<Atom> atoms = terms.firstKey().atoms();
    return atoms.size() == 1 ? atoms.get(0) : null;
  }

  /**
   * Returns what this may be.
   *
   * @return the least and the greatest value
   */
  public Bounds bounds() {
    Bounds known = bounds;
    if (known == null) {
      known = Bounds.exactly(0);
      for (Map.Entry<Product, Long> term : terms.entrySet()) {
        Bounds product = Bounds.exactly(term.getValue());
        for (Atom atom : term.getKey().atoms()) {
          product = product.times(atom.bounds());
        }
        known = known.plus(product);
      }
      bounds = known;
    }
    return known;
  }

  boolean isNot(long value) {
    return !bounds().contains(value);
  }

  /**
   * Returns the number for given sizes of the symbols.
   *
   * @param sizes the size of each symbol
   * @return the number, or empty if more than the symbols decides on it
   */
  public OptionalLong evaluate(Map<String, Long> sizes) {
    long sum = 0;
    for (Map.Entry<Product, Long> term : terms.entrySet()) {
      long product = term.getValue();
      for (Atom atom : term.getKey().atoms()) {
        OptionalLong value = atom.evaluate(sizes);
        if (value.isEmpty()) {
          return value;
        }
        product = Math.multiplyExact(product, value.getAsLong());
      }
      sum = Math.addExact(sum, product);
    }
    return OptionalLong.of(sum);
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof Size s && s.toString().equals(toString());
  }

  @Override
  public int hashCode() {
    return toString().hashCode();
  }

  /** Returns the one form of this number, such as {@code 2*'batch'*'seq'+1}. */
  @Override
  public String toString() {
    String known = text;
    if (known == null) {
      StringBuilder all = new StringBuilder();
      terms.forEach(
          (product, coefficient) -> {
            all.append(all.isEmpty() || coefficient < 0 ? "" : "+").append(coefficient);
            product.atoms().forEach(a -> all.append('*').append(a));
          });
      known = all.isEmpty() ? "0" : all.toString();
      text = known;
    }
    return known;
  }
}
