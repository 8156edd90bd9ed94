package io.inferc.testing;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.onnxruntime.OrtException;
import io.inferc.onnx.OnnxModel;
import io.inferc.onnx.OrtRunner;
import io.inferc.onnx.OrtRunner.Output;
import io.inferc.rewrite.GraphPass;
import io.inferc.rewrite.RewriteLog;
import io.inferc.rewrite.RewriteNote;
import io.inferc.tensor.Tensor;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Applies a graph pass to a model and checks what comes out.
 *
 * <p>Some things are checked each time, without being asked for: that a pass returns no equal model
 * as a new one, that inputs and outputs keep their names and types, that it finds nothing to do on
 * its own result, and that the outputs are what they were, up to what the kind of pass may change.
 *
 * <pre>{@code
 * PassFixture.of(new IdentityElimination()).model(model)
 *     .check("""
 *         relu: Relu(x) -> y
 *         return y
 *         """)
 *     .checkSound(0);
 * }</pre>
 *
 * <p>Immutable; every check returns the fixture.
 */
public final class PassFixture {
  private static final double ROUNDING = 1e-4;
  private static final double HALF = 0.05;
  private static final double NOISE = 0.25;

  private final GraphPass pass;
  private final OnnxModel before;
  private final OnnxModel after;
  private final List<RewriteNote> notes;
  private final Optional<String> notApplied;

  /** Whether that was checked when the pass was applied. */
  private final boolean idempotent;

  private PassFixture(Start start, OnnxModel before) {
    this.pass = start.pass;
    this.before = before;
    this.notApplied = pass.notApplicable(before);
    RewriteLog log = new RewriteLog();
    this.after = notApplied.isPresent() ? before : pass.apply(before, log);
    this.notes = log.notes();
    PassChecks.requireSameObjectIfEqual(before, after);
    if (start.sameInterface) {
      PassChecks.requireSameInterface(before, after);
    }
    this.idempotent = start.idempotent;
    if (idempotent) {
      PassChecks.requireIdempotent(pass, after);
    }
    if (start.deviation < Double.POSITIVE_INFINITY) {
      PassChecks.requireSameResults(before, after, start.deviation);
    }
  }

  /** A pass that waits for a model. */
  public static final class Start {
    private final GraphPass pass;
    private double deviation;
    private boolean sameInterface = true;
    private boolean idempotent = true;

    private Start(GraphPass pass) {
      this.pass = pass;
      this.deviation = ofRoom(pass);
    }

    /** Clean-up rounds otherwise at most; fewer bits are noise. */
    private static double ofRoom(GraphPass pass) {
      if (pass.name().equals("to-bf16")) {
        // ONNX Runtime has hardly a kernel for it; HalfChecks compares such models.
        return Double.POSITIVE_INFINITY;
      }
      String room = pass.getClass().getPackageName();
      return room.endsWith(".quantize") ? NOISE : room.endsWith(".half") ? HALF : ROUNDING;
    }

    /**
     * Lets the outputs differ by other than is usual for the pass.
     *
     * @param norm the largest norm of the difference of an output, relative to its own
     * @return this
     */
    public Start deviation(double norm) {
      deviation = norm;
      return this;
    }

    /**
     * Compares no results.
     *
     * @param why why they cannot be the same, for who reads the test
     * @return this
     */
    public Start otherResults(String why) {
      deviation = Double.POSITIVE_INFINITY;
      return this;
    }

    /**
     * Does not apply the pass to its own result.
     *
     * @param why why it cannot be, for who reads the test
     * @return this
     */
    public Start once(String why) {
      idempotent = false;
      return this;
    }

    /**
     * Lets the pass change the types of inputs and outputs.
     *
     * @param why why it does, for who reads the test
     * @return this
     */
    public Start otherInterface(String why) {
      sameInterface = false;
      return otherResults(why);
    }

    /**
     * Applies the pass.
     *
     * @param model the model
     * @return the fixture
     */
    public PassFixture model(OnnxModel model) {
      return new PassFixture(this, model);
    }
  }

  /**
   * Takes the pass to test.
   *
   * @param pass the pass
   * @return what takes the model
   */
  public static Start of(GraphPass pass) {
    return new Start(pass);
  }

  /**
   * Returns the model after the pass.
   *
   * @return the changed model
   */
  public OnnxModel after() {
    return after;
  }

  /**
   * Returns what the pass noted.
   *
   * @return the notes in order
   */
  public List<RewriteNote> notes() {
    return notes;
  }

  /**
   * Checks the main graph after the pass.
   *
   * @param golden the graph as {@link GraphText} writes it
   * @return this
   */
  public PassFixture check(String golden) {
    assertEquals(golden, GraphText.of(after.graph()));
    return this;
  }

  /**
   * Checks that the pass gave back the very model it got.
   *
   * @return this
   */
  public PassFixture checkUnchanged() {
    assertSame(before, after, () -> "changed to " + GraphText.of(after.graph()));
    return this;
  }

  /**
   * Checks that the pass did something, so that the other checks are about something.
   *
   * @return this
   */
  public PassFixture checkChanged() {
    assertNotSame(before, after);
    return this;
  }

  /**
   * Checks that the pass left a note about a node.
   *
   * @param node the node's name
   * @param kind whether it was changed
   * @param part what the note's text must contain
   * @return this
   */
  public PassFixture checkNote(String node, RewriteNote.Kind kind, String part) {
    assertTrue(
        notes.stream()
            .anyMatch(n -> n.node().equals(node) && n.kind() == kind && n.text().contains(part)),
        () -> "no such note among " + notes);
    return this;
  }

  /**
   * Checks that the pass says that it does not apply, and leaves the model alone.
   *
   * @param part what the reason must contain
   * @return this
   */
  public PassFixture checkNotApplied(String part) {
    assertTrue(notApplied.filter(r -> r.contains(part)).isPresent(), () -> "was " + notApplied);
    return checkUnchanged();
  }

  /**
   * Checks that the pass, applied to its own result, changes nothing.
   *
   * @return this
   */
  public PassFixture checkIdempotent() {
    if (!idempotent) {
      PassChecks.requireIdempotent(pass, after);
    }
    return this;
  }

  /**
   * Checks that the result is a valid model, which survives writing and reading, with the inputs
   * and outputs it had, and that ONNX Runtime opens it.
   *
   * @return this
   */
  public PassFixture checkValid() {
    assertEquals(List.of(), after.check());
    assertEquals(after, OnnxModel.read(after.toBytes()));
    PassChecks.requireSameInterface(before, after);
    try {
      OrtRunner.open(after);
    } catch (OrtException e) {
      throw new AssertionError("ONNX Runtime refuses " + GraphText.of(after.graph()), e);
    }
    return this;
  }

  /**
   * Checks that the model computes the same as before, on three sets of random inputs.
   *
   * @param tolerance the largest absolute difference, relative for values beyond 1; 0 for the same
   *     bits but for the sign of zero
   * @return this
   */
  public PassFixture checkEquivalent(double tolerance) {
    if (before != after) {
      for (int seed = 0; seed < 3; seed++) {
        Map<String, Tensor> inputs = RandomNetworks.inputs(before.graph(), seed);
        checkEquivalent(tolerance, inputs);
        inputs.values().forEach(Tensor::close);
      }
    }
    return this;
  }

  /**
   * Checks that the model computes the same as before.
   *
   * @param tolerance the largest absolute difference, relative for values beyond 1
   * @param inputs the inputs
   * @return this
   */
  public PassFixture checkEquivalent(double tolerance, Map<String, Tensor> inputs) {
    Map<String, Output> expected = run(before, inputs);
    Map<String, Output> actual = run(after, inputs);
    assertEquals(expected.keySet(), actual.keySet());
    expected.forEach((name, e) -> compare(name, e, actual.get(name), tolerance));
    return this;
  }

  /**
   * Checks everything that holds for every pass: idempotent, valid, equivalent.
   *
   * @param tolerance the largest absolute difference, relative for values beyond 1
   * @return this
   */
  public PassFixture checkSound(double tolerance) {
    return checkIdempotent().checkValid().checkEquivalent(tolerance);
  }

  private static Map<String, Output> run(OnnxModel model, Map<String, Tensor> inputs) {
    try {
      return OrtRunner.run(model, OrtRunner.of(inputs));
    } catch (OrtException e) {
      throw new AssertionError("ONNX Runtime cannot run " + GraphText.of(model.graph()), e);
    }
  }

  private static void compare(String name, Output expected, Output actual, double tolerance) {
    assertArrayEquals(expected.shape(), actual.shape(), name);
    for (int i = 0; i < expected.values().length; i++) {
      double e = expected.values()[i];
      double a = actual.values()[i];
      boolean alike =
          Double.compare(e, a) == 0 || Math.abs(e - a) <= tolerance * Math.max(1, Math.abs(e));
      assertTrue(alike, name + "[" + i + "]: was " + e + ", is " + a);
    }
  }
}
