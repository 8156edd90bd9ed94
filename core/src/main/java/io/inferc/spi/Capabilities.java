package io.inferc.spi;

import io.inferc.onnx.ForeignModel;
import io.inferc.tensor.DataType;
import io.inferc.tensor.MemoryKind;
import java.util.Collections;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What can be asked of a back end on one device. What is excluded here is refused with a clear
 * error before the back end is called. How models are best written for the runtime, the {@link
 * PreferredForm} says.
 *
 * <p>Immutable.
 */
public final class Capabilities {
  /** Which shapes a compiled model can serve. */
  public enum DynamicShapes {
    /** Only shapes that were all fixed when the model was compiled. */
    FIXED_ONLY,
    /** Any shape within the profiles given at compile time. */
    WITHIN_PROFILES,
    /** Any shape the model declares, with or without profiles. */
    ANY
  }

  private final Map<NumericPrecision, PrecisionSupport> precisions;
  private final Set<DataType> dataTypes;
  private final Set<MemoryKind> memoryKinds;
  private final MemoryKind bufferMemory;
  private final DynamicShapes dynamicShapes;
  private final boolean dataDependentOutputs;
  private final boolean savable;
  private final boolean intermediateOutputs;
  private final boolean otherOutputs;
  private final Map<DataType, DataType> narrowedTypes;
  private final PreferredForm preferredForm;
  private final Set<ForeignModel.Format> foreignFormats;
  private final Optional<ForeignModel.Format> exportFormat;

  private Capabilities(Builder b) {
    precisions = Collections.unmodifiableMap(new EnumMap<>(b.precisions));
    dataTypes = Collections.unmodifiableSet(EnumSet.copyOf(b.dataTypes));
    memoryKinds = Collections.unmodifiableSet(EnumSet.copyOf(b.memoryKinds));
    bufferMemory = b.bufferMemory;
    dynamicShapes = Objects.requireNonNull(b.dynamicShapes);
    dataDependentOutputs = b.dataDependentOutputs;
    savable = b.savable;
    intermediateOutputs = b.intermediateOutputs;
    otherOutputs = b.otherOutputs;
    narrowedTypes = Map.copyOf(b.narrowed);
    preferredForm = b.preferredForm;
    foreignFormats = Set.copyOf(b.foreignFormats);
    exportFormat = Optional.ofNullable(b.exportFormat);
  }

  /**
   * Starts a description: FP32 in the model, host memory, shapes within profiles, nothing else.
   *
   * @return a builder
   */
  public static Builder builder() {
    return new Builder();
  }

  /**
   * Returns the precisions that can be had and how each is asked for.
   *
   * @return support by precision; absent means it cannot be had
   */
  public Map<NumericPrecision, PrecisionSupport> precisions() {
    return precisions;
  }

  /**
   * Returns the element types that inputs and outputs may have.
   *
   * @return the types
   */
  public Set<DataType> dataTypes() {
    return dataTypes;
  }

  /**
   * Returns the kinds of memory that tensors bound to a session may live in.
   *
   * @return the kinds, always with {@link MemoryKind#HOST}
   */
  public Set<MemoryKind> memoryKinds() {
    return memoryKinds;
  }

  /**
   * Returns the memory that a session's own inputs and outputs should live in, which Java can see.
   *
   * @return {@link MemoryKind#PINNED} where the device copies faster from and to it
   */
  public MemoryKind bufferMemory() {
    return bufferMemory;
  }

  /**
   * Returns which shapes can be served.
   *
   * @return the rule
   */
  public DynamicShapes dynamicShapes() {
    return dynamicShapes;
  }

  /**
   * Tells whether outputs may have sizes that depend on the data, as those of NonZero do.
   *
   * @return true if such models can be compiled
   */
  public boolean dataDependentOutputs() {
    return dataDependentOutputs;
  }

  /**
   * Tells whether compiled models can be saved and loaded.
   *
   * @return true if {@link BackendModel#save} works
   */
  public boolean savable() {
    return savable;
  }

  /**
   * Tells whether any intermediate tensor can be made an output without a declared type or shape,
   * which reference runs for shapes and calibration need.
   *
   * @return true if the back end works out types and shapes by itself
   */
  public boolean intermediateOutputs() {
    return intermediateOutputs;
  }

  /**
   * Tells whether sessions can return outputs that are no tensors.
   *
   * @return true if they return sequences and maps
   */
  public boolean otherOutputs() {
    return otherOutputs;
  }

  /**
   * Returns the form in which the runtime computes a model best.
   *
   * @return what rewrites make of models here
   */
  public PreferredForm preferredForm() {
    return preferredForm;
  }

  /**
   * Returns the element types that the runtime takes and returns, but computes in a smaller one:
   * values beyond that one's range or precision do not survive, not even a copy.
   *
   * @return the type computed in, by declared type; empty if all are computed as declared
   */
  public Map<DataType, DataType> narrowedTypes() {
    return narrowedTypes;
  }

  /**
   * Returns the formats beside ONNX that the runtime reads itself.
   *
   * @return the formats, empty for ONNX alone
   */
  public Set<ForeignModel.Format> foreignFormats() {
    return foreignFormats;
  }

  /**
   * Returns the runtime's own portable format, if models can be converted to it.
   *
   * @return what {@link Backend#export} writes, or empty if it is not supported
   */
  public Optional<ForeignModel.Format> exportFormat() {
    return exportFormat;
  }

  /** Builds {@link Capabilities}. */
  public static final class Builder {
    private final EnumMap<NumericPrecision, PrecisionSupport> precisions =
        new EnumMap<>(NumericPrecision.class);
    private EnumSet<DataType> dataTypes = EnumSet.of(DataType.FLOAT32);
    private EnumSet<MemoryKind> memoryKinds = EnumSet.of(MemoryKind.HOST);
    private MemoryKind bufferMemory = MemoryKind.HOST;
    private DynamicShapes dynamicShapes = DynamicShapes.WITHIN_PROFILES;
    private boolean dataDependentOutputs;
    private boolean savable;
    private boolean intermediateOutputs;
    private boolean otherOutputs;
    private Map<DataType, DataType> narrowed = Map.of();
    private PreferredForm preferredForm = PreferredForm.builder().build();
    private Set<ForeignModel.Format> foreignFormats = Set.of();
    private ForeignModel.@Nullable Format exportFormat;

    private Builder() {
      precisions.put(NumericPrecision.FP32, PrecisionSupport.IN_MODEL);
    }

    /**
     * Adds a precision.
     *
     * @param precision the precision
     * @param support how it is asked for
     * @return this
     */
    public Builder precision(NumericPrecision precision, PrecisionSupport support) {
      precisions.put(precision, support);
      return this;
    }

    /**
     * Sets the element types of inputs and outputs.
     *
     * @param types at least one
     * @return this
     * @throws IllegalArgumentException if there are none
     */
    public Builder dataTypes(Set<DataType> types) {
      dataTypes = EnumSet.copyOf(types);
      return this;
    }

    /**
     * Sets the kinds of memory; {@link MemoryKind#HOST} is always among them.
     *
     * @param kinds further kinds
     * @return this
     */
    public Builder memoryKinds(Set<MemoryKind> kinds) {
      memoryKinds = EnumSet.of(MemoryKind.HOST);
      memoryKinds.addAll(kinds);
      return this;
    }

    /**
     * Sets what memory a session's own buffers have; {@link MemoryKind#HOST} without this.
     *
     * @param kind host or pinned memory, which the back end's allocator hands out
     * @return this
     * @throws IllegalArgumentException for memory that Java cannot see
     */
    public Builder bufferMemory(MemoryKind kind) {
      if (kind == MemoryKind.DEVICE) {
        throw new IllegalArgumentException(
            "Tried to keep the buffers of sessions in DEVICE memory; applications read and write"
                + " them, so it takes HOST or PINNED.");
      }
      bufferMemory = kind;
      return this;
    }

    /**
     * Sets which shapes can be served.
     *
     * @param rule the rule
     * @return this
     */
    public Builder dynamicShapes(DynamicShapes rule) {
      dynamicShapes = Objects.requireNonNull(rule);
      return this;
    }

    /**
     * Sets whether output sizes may depend on the data.
     *
     * @param supported true if they may
     * @return this
     */
    public Builder dataDependentOutputs(boolean supported) {
      dataDependentOutputs = supported;
      return this;
    }

    /**
     * Sets whether models can be saved and loaded.
     *
     * @param supported true if they can
     * @return this
     */
    public Builder savable(boolean supported) {
      savable = supported;
      return this;
    }

    /**
     * Sets whether intermediate tensors can be made outputs without a declared type.
     *
     * @param supported true if they can
     * @return this
     */
    public Builder intermediateOutputs(boolean supported) {
      intermediateOutputs = supported;
      return this;
    }

    /**
     * Sets whether sessions can return outputs that are no tensors; by default they cannot.
     *
     * @param supported true if they can
     * @return this
     */
    public Builder otherOutputs(boolean supported) {
      otherOutputs = supported;
      return this;
    }

    /**
     * Sets the form in which the runtime computes a model best; by default, any is as good.
     *
     * @param form what rewrites make of models here
     * @return this
     */
    public Builder preferredForm(PreferredForm form) {
      preferredForm = Objects.requireNonNull(form);
      return this;
    }

    /**
     * Sets the element types that are computed in a smaller one.
     *
     * @param types the type computed in, by declared type
     * @return this
     */
    public Builder narrowedTypes(Map<DataType, DataType> types) {
      narrowed = Map.copyOf(types);
      return this;
    }

    /**
     * Sets the formats beside ONNX that the runtime reads itself.
     *
     * @param formats the formats
     * @return this
     */
    public Builder foreignFormats(Set<ForeignModel.Format> formats) {
      foreignFormats = Set.copyOf(formats);
      return this;
    }

    /**
     * Sets the portable format that models can be converted to.
     *
     * @param format what the back end writes
     * @return this
     */
    public Builder exportFormat(ForeignModel.Format format) {
      exportFormat = format;
      return this;
    }

    /**
     * Finishes the description.
     *
     * @return the capabilities
     */
    public Capabilities build() {
      return new Capabilities(this);
    }
  }
}
