package io.inferc.execution.internal;

import io.inferc.runtime.ShapeProfile;
import io.inferc.shape.internal.ProfileSelector;
import io.inferc.spi.BackendModel;
import io.inferc.spi.Capabilities;
import io.inferc.tensor.BufferPool;
import io.inferc.tensor.DataType;
import io.inferc.tensor.Tensor;
import io.inferc.tensor.TensorSpec;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** What a model and its sessions share: the signature, the profiles, the buffers. */
final class ModelCore {
  private final String name;
  private final BackendModel model;
  private final Signature signature;
  private final OutputShapes outputShapes;
  private final ProfileSelector profiles;
  private final int profileCount;
  private final BufferPool pool;
  private final BufferPool sessionPool;
  private final BoundedClose closing;
  private final Set<ModelSession> sessions = ConcurrentHashMap.newKeySet();
  private final Set<SessionState> states = ConcurrentHashMap.newKeySet();

  /**
   * Puts together what sessions share.
   *
   * @param pool where results come from that callers own
   * @param sessionPool where what sessions bind by themselves comes from; may be the same
   * @param closing how long closing may take
   */
  ModelCore(
      String name,
      BackendModel model,
      List<ShapeProfile> profiles,
      Capabilities capabilities,
      BufferPool pool,
      BufferPool sessionPool,
      BoundedClose closing) {
    this.name = name;
    this.model = model;
    this.pool = pool;
    this.sessionPool = sessionPool;
    this.closing = closing;
    signature = new Signature(model.inputs(), model.outputs(), capabilities.memoryKinds());
    outputShapes = new OutputShapes(name, signature.outputs());
    this.profiles = ProfileSelector.of(model.inputs(), profiles, capabilities.dynamicShapes());
    profileCount = profiles.size();
  }

  String name() {
    return name;
  }

  BackendModel model() {
    return model;
  }

  Signature signature() {
    return signature;
  }

  OutputShapes outputShapes() {
    return outputShapes;
  }

  ProfileSelector profiles() {
    return profiles;
  }

  BufferPool pool() {
    return pool;
  }

  SessionState newSessionState() {
    SessionState state = new SessionState(model, signature, profileCount, sessionPool);
    states.add(state);
    return state;
  }

  ModelSession open() {
    ModelSession session = new ModelSession(this);
    sessions.add(session);
    return session;
  }

  void sessionClosed(ModelSession session, SessionState state) {
    sessions.remove(session);
    states.remove(state);
  }

  /**
   * Frees the model after its sessions, which the collector would free in any order; does not reach
   * this object.
   */
  Runnable freeing() {
    return freeing(model, states);
  }

  private static Runnable freeing(BackendModel model, Set<SessionState> states) {
    return () -> {
      states.forEach(SessionState::run);
      model.close();
    };
  }

  BoundedClose closing() {
    return closing;
  }

  /** Closes those sessions in which nothing runs within that time; false if one is left. */
  boolean closeSessions(long nanos) {
    long start = System.nanoTime();
    return List.copyOf(sessions).stream()
        .allMatch(s -> s.closeWithin(BoundedClose.left(nanos, start)));
  }

  void abortRuns() {
    sessions.forEach(ModelSession::abort);
  }

  /** The shape an input has before a caller says otherwise: the first profile's opt shape. */
  Optional<long[]> defaultShape(int input) {
    return profiles.optimalShape(firstProfile(), input);
  }

  private int firstProfile() {
    return profileCount == 0 ? ProfileSelector.NO_PROFILE : 0;
  }

  /** The bytes of an input's largest shape over all profiles, or 0 if that is not bounded. */
  long largestInputBytes(int input) {
    DataType type = signature.inputs().get(input).type();
    long largest = 0;
    for (int p = firstProfile(); p < profileCount; p++) {
      Optional<long[]> shape = profiles.largestShape(p, input);
      if (shape.isEmpty()) {
        return 0;
      }
      largest = Math.max(largest, Buffers.bytes(type, shape.get()));
    }
    return largest;
  }

  /** The bytes of an output at a profile's maximum, or 0 if that is not known. */
  long largestOutputBytes(int profile, int output) {
    long[][] shapes = new long[signature.inputs().size()][];
    for (int i = 0; i < shapes.length; i++) {
      Optional<long[]> shape = profiles.largestShape(profile, i);
      if (shape.isEmpty()) {
        return 0;
      }
      shapes[i] = shape.get();
    }
    TensorSpec spec = signature.outputs().get(output);
    return ProfileSelector.outputShape(spec, symbolsOfLargest(shapes))
        .map(s -> Buffers.bytes(spec.type(), s))
        .orElse(0L);
  }

  private Map<String, Long> symbolsOfLargest(long[][] shapes) {
    try {
      return profiles.symbols(shapes);
    } catch (IllegalArgumentException e) {
      // Inputs bound directly may have different maxima; then there is no one largest request.
      return Map.of();
    }
  }

  static long[][] shapes(Tensor[] tensors) {
    long[][] shapes = new long[tensors.length][];
    for (int i = 0; i < tensors.length; i++) {
      shapes[i] = tensors[i].shape();
    }
    return shapes;
  }
}
