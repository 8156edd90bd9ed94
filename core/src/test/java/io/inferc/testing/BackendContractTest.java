package io.inferc.testing;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.inferc.runtime.Target;
import io.inferc.spi.Capabilities;
import io.inferc.tensor.DataType;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What every back end must do. Extend it in the back end's module and name the target; where the
 * device is missing, all of it is reported as skipped with the reason. What the back end's {@link
 * Capabilities} exclude is checked to be refused with a clear error instead.
 *
 * <p>The tests stand in parts, one for each reason to change: {@link ResultsContract}, {@link
 * ShapesContract}, {@link RefusalsContract}, {@link LifeCycleContract} and {@link
 * SavedModelsContract}. Whoever extends this class has them all.
 *
 * <p>{@link BackendConcurrencyContractTest} goes with it.
 */
public abstract class BackendContractTest
    implements ResultsContract,
        ShapesContract,
        RefusalsContract,
        LifeCycleContract,
        SavedModelsContract {
  @TempDir Path folder;

  private @Nullable ContractSetup setup;

  /** Where the models of this contract run. */
  protected abstract Target target();

  @BeforeEach
  void openBackendOrSkip() {
    setup = ContractSetup.openOrSkip(target(), folder);
  }

  @Override
  public final ContractSetup setup() {
    return Objects.requireNonNull(setup, "the back end is opened before each test");
  }

  @Test
  void theCapabilitiesAreConsistent() {
    Capabilities capabilities = setup().capabilities();
    assertTrue(capabilities.dataTypes().containsAll(EnumSet.of(DataType.FLOAT32)));
    assertFalse(capabilities.precisions().isEmpty());
    assertFalse(capabilities.memoryKinds().isEmpty());
  }
}
