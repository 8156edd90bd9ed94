package io.inferc.testing;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.inferc.runtime.Target;
import io.inferc.testing.KernelTrial.Kind;
import io.inferc.testing.KernelTrial.Outcome;
import io.inferc.testing.OperatorCases.Case;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What operators compute on a target between layers in integers is what the model says, or the
 * target refuses the model in single precision as well. Extend it in the back end's module and name
 * the target; where the device is missing, it is skipped with the reason.
 *
 * <p>The property {@code inferc.test.kernels.every} is which share of the cases is tried: 1 for all
 * of them.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Tag("once")
public abstract class IntegerKernelsContractTest {
  /** Where the models run. */
  protected abstract Target target();

  /**
   * One of how many cases is tried unless the property says otherwise. It should be coprime to the
   * forms that cases come in, such as 7, 11 or 13, so that every kind of them is among these.
   */
  protected int every() {
    return 7;
  }

  @BeforeAll
  void skipWithoutTheTarget() {
    ContractSetup.skipIfUnavailable(target());
  }

  /** The cases that are tried. */
  Stream<Case> cases() {
    int every = Integer.getInteger("inferc.test.kernels.every", every());
    List<Case> all = OperatorCases.all();
    return IntStream.range(0, all.size()).filter(i -> i % every == 0).mapToObj(all::get);
  }

  @ParameterizedTest
  @MethodSource("cases")
  protected void operatorsBetweenLayersInIntegersComputeTheSame(Case tried) {
    Outcome outcome = KernelTrial.of(tried, target());
    switch (outcome.kind()) {
      case FLOAT, REFUSED -> Assumptions.abort(outcome.toString());
      default -> assertEquals(Kind.RIGHT, outcome.kind(), outcome::detail);
    }
  }
}
