package io.inferc.spi;

import io.inferc.tensor.DataType;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;

/**
 * Which uses of an operator a runtime's kernel computes rightly: a kernel is more than an
 * operator's name, and may lack attributes, ranks, types or later versions of it.
 *
 * <pre>{@code
 * KernelRule pooling =
 *     KernelRule.without("dilations").and(KernelRule.number("ceil_mode", 0, 0));
 * Optional<String> reason = pooling.refusal(use);
 * }</pre>
 *
 * <p>Immutable and thread-safe, as is every function that it is made of.
 */
public final class KernelRule {
  private static final KernelRule ALWAYS = of("any", use -> Optional.empty());

  private final String description;
  private final Function<OperatorUse, Optional<String>> check;

  private KernelRule(String description, Function<OperatorUse, Optional<String>> check) {
    this.description = description;
    this.check = check;
  }

  /**
   * Returns a rule of its own.
   *
   * @param description what is asked for in a few words; rules of one description are alike
   * @param check gives the reason why a use is not computed rightly, or nothing: the second half of
   *     a sentence about the node with its full stop, such as {@code "it pads with a reflection."}
   * @return the rule
   */
  public static KernelRule of(String description, Function<OperatorUse, Optional<String>> check) {
    return new KernelRule(Objects.requireNonNull(description), Objects.requireNonNull(check));
  }

  /**
   * Returns the rule that every use is computed rightly.
   *
   * @return the rule
   */
  public static KernelRule always() {
    return ALWAYS;
  }

  /**
   * Returns the rule that no use is computed rightly.
   *
   * @param reason the second half of a sentence about the node with its full stop
   * @return the rule
   */
  public static KernelRule never(String reason) {
    return of("never: " + reason, use -> Optional.of(reason));
  }

  /**
   * Asks that a node leaves an attribute out.
   *
   * @param attribute the attribute's name
   * @return the rule
   */
  public static KernelRule without(String attribute) {
    return of(
        "no " + attribute,
        use ->
            use.node()
                .attribute(attribute)
                .map(a -> "it has the attribute '" + attribute + "', which the kernel lacks."));
  }

  /**
   * Asks that a node leaves an input out.
   *
   * @param input the input's position
   * @return the rule
   */
  public static KernelRule without(int input) {
    return of(
        "no input " + input,
        use ->
            use.node()
                .input(input)
                .map(name -> "it has the input '" + name + "', which the kernel lacks."));
  }

  /**
   * Asks that an attribute is one of some whole numbers.
   *
   * @param attribute the attribute's name
   * @param otherwise what it is where the node leaves it out
   * @param possible the numbers
   * @return the rule
   */
  public static KernelRule number(String attribute, long otherwise, long... possible) {
    long[] numbers = possible.clone();
    return of(
        attribute + " in " + Arrays.toString(numbers),
        use -> {
          long found = use.node().intAttribute(attribute, otherwise);
          return Arrays.stream(numbers).anyMatch(n -> n == found)
              ? Optional.empty()
              : Optional.of(attributeRefusal(attribute, found, Arrays.toString(numbers)));
        });
  }

  /**
   * Asks that an attribute is one of some texts.
   *
   * @param attribute the attribute's name
   * @param otherwise what it is where the node leaves it out
   * @param possible the texts
   * @return the rule
   */
  public static KernelRule text(String attribute, String otherwise, String... possible) {
    List<String> texts = List.of(possible);
    return of(
        attribute + " in " + texts,
        use -> {
          String found = use.text(attribute, otherwise);
          return texts.contains(found)
              ? Optional.empty()
              : Optional.of(attributeRefusal(attribute, found, texts));
        });
  }

  private static String attributeRefusal(String attribute, Object found, Object possible) {
    return "its attribute '"
        + attribute
        + "' is "
        + found
        + ", and the kernel takes "
        + possible
        + ".";
  }

  /**
   * Asks that an input has one of some element types. An input that is left out is right; one of an
   * unknown type is not.
   *
   * @param input the input's position
   * @param possible the types
   * @return the rule
   */
  public static KernelRule type(int input, DataType... possible) {
    List<DataType> types = List.of(possible);
    return of(
        "input " + input + " in " + types,
        use -> {
          Optional<String> tensor = use.node().input(input);
          Optional<DataType> found = use.type(input);
          return tensor.isEmpty() || found.filter(types::contains).isPresent()
              ? Optional.empty()
              : Optional.of(
                  "its input '"
                      + tensor.get()
                      + "' is "
                      + found.map(DataType::toString).orElse("of an unknown type")
                      + ", and the kernel takes "
                      + types
                      + ".");
        });
  }

  /**
   * Asks that an input has a number of dimensions. An input that is left out or of an unknown rank
   * is right.
   *
   * @param input the input's position
   * @param least the smallest number
   * @param most the largest number
   * @return the rule
   */
  public static KernelRule rank(int input, int least, int most) {
    return of(
        "input " + input + " of rank " + least + " to " + most,
        use ->
            use.rank(input)
                .filter(rank -> rank < least || rank > most)
                .map(
                    rank ->
                        "its input '"
                            + use.node().inputs().get(input)
                            + "' has "
                            + rank
                            + " dimensions, and the kernel takes "
                            + least
                            + (most == least ? "" : " to " + most)
                            + "."));
  }

  /**
   * Asks for a version of the ONNX domain.
   *
   * @param least the first version with the right meaning
   * @param most the last
   * @return the rule
   */
  public static KernelRule opset(int least, int most) {
    return of(
        "opset " + least + " to " + most,
        use ->
            use.opset() >= least && use.opset() <= most
                ? Optional.empty()
                : Optional.of(
                    "the kernel is that of opsets "
                        + least
                        + " to "
                        + most
                        + ", and the model has "
                        + use.opset()
                        + "."));
  }

  /**
   * Asks for more besides.
   *
   * @param other another rule
   * @return a rule that holds where both do
   */
  public KernelRule and(KernelRule other) {
    if (this == ALWAYS || other == ALWAYS) {
      return this == ALWAYS ? other : this;
    }
    return of(
        description + ", " + other.description, use -> refusal(use).or(() -> other.refusal(use)));
  }

  /**
   * Says why a use is not computed rightly.
   *
   * @param use the use
   * @return the second half of a sentence about the node with its full stop; empty if it is right
   */
  public Optional<String> refusal(OperatorUse use) {
    return check.apply(use);
  }

  /** Returns what is asked for in a few words; rules of one description are alike. */
  @Override
  public String toString() {
    return description;
  }
}
