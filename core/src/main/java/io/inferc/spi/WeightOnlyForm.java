package io.inferc.spi;

import io.inferc.tensor.DataType;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * How a runtime keeps weights as integers in blocks and multiplies activations in floating point
 * with them, without making all of the weights floating-point numbers first.
 *
 * <p>A block is a run of neighbours along the inner dimension of a matrix product, which share a
 * scale and perhaps a zero point. Immutable.
 */
public final class WeightOnlyForm {
  /** What multiplies with such weights. */
  public enum Product {
    /**
     * {@code com.microsoft.MatMulNBits}, an operator of ONNX Runtime: the last block of a row may
     * be a part of one.
     */
    MATMUL_NBITS,
    /**
     * A DequantizeLinear with {@code block_size} (opset 21) in front of MatMul or Gemm: the inner
     * dimension is a multiple of the block.
     */
    DEQUANTIZE_LINEAR
  }

  /** What becomes of tables whose rows a Gather picks. */
  public enum Tables {
    /** {@code com.microsoft.GatherBlockQuantized}, an operator of ONNX Runtime. */
    GATHER_BLOCK_QUANTIZED,
    /** 8-bit integers with a scale a row, whatever the weights have: a Gather for each of them. */
    INTEGER_ROWS,
    /** They stay in floating point. */
    FLOAT
  }

  /**
   * One way to write the weights of a model.
   *
   * @param block how many weights share a scale
   * @param accuracyLevel {@code accuracy_level} of MatMulNBits: 0 for activations as they are, 4
   *     for activations rounded to 8 bits in blocks at run time; empty where there is no such
   *     choice
   */
  public record Variant(int block, OptionalInt accuracyLevel) {
    /** Returns for example {@code blocks of 32, accuracy level 4}. */
    @Override
    public String toString() {
      return "blocks of "
          + block
          + (accuracyLevel.isPresent() ? ", accuracy level " + accuracyLevel.getAsInt() : "");
    }
  }

  private final Product product;
  private final Tables tables;
  private final Map<Integer, List<Integer>> blocks;
  private final List<Integer> usualBlocks;
  private final List<Integer> accuracyLevels;
  private final boolean zeroPoints;
  private final boolean halfScales;
  private final Set<DataType> types;

  private WeightOnlyForm(Builder b) {
    product = b.product;
    tables = b.tables;
    blocks = Collections.unmodifiableMap(new TreeMap<>(b.blocks));
    usualBlocks = List.copyOf(b.usualBlocks);
    accuracyLevels = List.copyOf(b.accuracyLevels);
    zeroPoints = b.zeroPoints;
    halfScales = b.halfScales;
    types = Set.copyOf(b.types);
  }

  /**
   * Starts a form: blocks of 16 to 256 of 8 and 4 bits, zero points, FLOAT32 activations, tables as
   * they are.
   *
   * @param product what multiplies
   * @return a builder
   */
  public static Builder builder(Product product) {
    Objects.requireNonNull(product, "product");
    return new Builder(product);
  }

  /**
   * Returns what multiplies.
   *
   * @return the operators
   */
  public Product product() {
    return product;
  }

  /**
   * Returns what becomes of tables.
   *
   * @return the operators
   */
  public Tables tables() {
    return tables;
  }

  /**
   * Returns the numbers of bits there are, and the block sizes possible with each.
   *
   * @return powers of two in ascending order, by number of bits
   */
  public Map<Integer, List<Integer>> blocks() {
    return blocks;
  }

  /**
   * Tells whether blocks may have zero points; without, integers are symmetric.
   *
   * @return false if only symmetric integers are possible
   */
  public boolean zeroPoints() {
    return zeroPoints;
  }

  /**
   * Tells whether scales of FLOAT32 are stored in FLOAT16 with a Cast behind, which the runtime
   * folds when it loads a model.
   *
   * @return true if that makes files smaller, and the runtime no slower
   */
  public boolean halfScales() {
    return halfScales;
  }

  /**
   * Returns the types that activations and scales may have.
   *
   * @return FLOAT32, and perhaps FLOAT16
   */
  public Set<DataType> types() {
    return types;
  }

  /**
   * Lists the ways to write weights among which a measurement decides, the most accurate first.
   *
   * @param bits how many bits
   * @param block the block size asked for; empty to have all that are usual
   * @param asTheyAre true if activations must not be rounded
   * @return one or more; none if there is no such block
   */
  public List<Variant> variants(int bits, OptionalInt block, boolean asTheyAre) {
    List<Integer> possible = blocks.getOrDefault(bits, List.of());
    List<Variant> variants = new ArrayList<>();
    for (int size : possible) {
      if (block.isPresent() ? block.getAsInt() != size : !usualBlocks.contains(size)) {
        continue;
      }
      if (accuracyLevels.isEmpty()) {
        variants.add(new Variant(size, OptionalInt.empty()));
      }
      for (int level : accuracyLevels) {
        if (!asTheyAre || level == 0) {
          variants.add(new Variant(size, OptionalInt.of(level)));
        }
      }
    }
    return variants;
  }

  /**
   * Returns the block that a row is divided into where blocks of some size are asked for: a shorter
   * row has a shorter block, and where rows take whole blocks alone the largest that divides them.
   *
   * @param bits how many bits
   * @param block the size asked for
   * @param row the length of a row
   * @return the size; empty if a row of that length has no blocks
   */
  public Optional<Integer> blockOf(int bits, int block, long row) {
    Integer found = null;
    for (int size : blocks.getOrDefault(bits, List.of())) {
      boolean shorter = size <= block && (found == null || found < row);
      if (product == Product.DEQUANTIZE_LINEAR ? size <= block && row % size == 0 : shorter) {
        found = size;
      }
    }
    return Optional.ofNullable(found);
  }

  /** Builds a {@link WeightOnlyForm}. */
  public static final class Builder {
    private final Product product;
    private final Map<Integer, List<Integer>> blocks = new TreeMap<>();
    private Tables tables = Tables.FLOAT;
    private List<Integer> usualBlocks = List.of(16, 32, 64, 128);
    private List<Integer> accuracyLevels = List.of();
    private boolean zeroPoints = true;
    private boolean halfScales;
    private Set<DataType> types = Set.of(DataType.FLOAT32);

    private Builder(Product product) {
      this.product = product;
      List<Integer> all = List.of(16, 32, 64, 128, 256);
      blocks.put(4, all);
      blocks.put(8, all);
    }

    /**
     * Sets what becomes of tables; by default they stay.
     *
     * @param form what reads them
     * @return this
     */
    public Builder tables(Tables form) {
      tables = Objects.requireNonNull(form, "form");
      return this;
    }

    /**
     * Sets the blocks possible with some bits.
     *
     * @param bits 4 or 8
     * @param sizes powers of two from 16 to 256; none if there are no such weights
     * @return this
     * @throws IllegalArgumentException for other numbers
     */
    public Builder blocks(int bits, Integer... sizes) {
      Set<Integer> sorted = new TreeSet<>(List.of(sizes));
      for (int size : sorted) {
        if (size < 16 || size > 256 || Integer.bitCount(size) != 1) {
          throw new IllegalArgumentException(
              "Tried to have blocks of " + size + "; it takes powers of two from 16 to 256.");
        }
      }
      if (bits != 4 && bits != 8) {
        throw new IllegalArgumentException(
            "Tried to have blocks of " + bits + " bits; it takes 4 or 8.");
      }
      if (sorted.isEmpty()) {
        blocks.remove(bits);
      } else {
        blocks.put(bits, List.copyOf(sorted));
      }
      return this;
    }

    /**
     * Sets the blocks among which a measurement decides where none is asked for; by default 16 to
     * 128.
     *
     * @param sizes block sizes
     * @return this
     */
    public Builder usualBlocks(Integer... sizes) {
      usualBlocks = List.of(sizes);
      return this;
    }

    /**
     * Sets the values of {@code accuracy_level} among which a measurement decides.
     *
     * @param levels the most accurate first: 0 for activations as they are
     * @return this
     */
    public Builder accuracyLevels(Integer... levels) {
      accuracyLevels = List.of(levels);
      return this;
    }

    /**
     * Sets whether blocks may have zero points; by default they may.
     *
     * @param possible false for symmetric integers alone
     * @return this
     */
    public Builder zeroPoints(boolean possible) {
      zeroPoints = possible;
      return this;
    }

    /**
     * Sets whether scales are stored in FLOAT16 with a Cast behind; by default they are not.
     *
     * @param stored true if the runtime folds a Cast of a constant when it loads a model
     * @return this
     */
    public Builder halfScales(boolean stored) {
      halfScales = stored;
      return this;
    }

    /**
     * Sets the types that activations and scales may have; by default FLOAT32.
     *
     * @param possible FLOAT32, and perhaps FLOAT16
     * @return this
     */
    public Builder types(Set<DataType> possible) {
      types = Set.copyOf(possible);
      return this;
    }

    /**
     * Finishes the form.
     *
     * @return the form
     */
    public WeightOnlyForm build() {
      return new WeightOnlyForm(this);
    }
  }
}
