package io.inferc.testing;

import com.tngtech.archunit.core.domain.JavaClass;
import io.inferc.Precision;
import io.inferc.architecture.ArchitectureRules;
import io.inferc.calibrate.CalibrationTable;
import io.inferc.onnx.Graph;
import io.inferc.onnx.GraphBuilder;
import io.inferc.onnx.GraphEditor;
import io.inferc.onnx.OnnxModel;
import io.inferc.runtime.ShapeProfile;
import io.inferc.runtime.Target;
import io.inferc.tensor.BufferPool;
import io.inferc.tensor.DataType;
import io.inferc.tensor.Dataset;
import io.inferc.tensor.Tensor;
import io.inferc.tensor.TensorSpec;
import java.lang.reflect.AnnotatedArrayType;
import java.lang.reflect.Array;
import java.lang.reflect.Constructor;
import java.lang.reflect.Executable;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.Parameter;
import java.lang.reflect.Proxy;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Calls every public factory, constructor and method of some packages with null in the place of
 * each argument in turn, as far as values for the others can be made. All should refuse it at once,
 * by an exception whose message is the argument's name.
 */
public final class NullArguments {
  /** What is below a file can neither be read nor made. */
  private static final Path ABSENT = Path.of("pom.xml", "absent");

  private final Map<Class<?>, @Nullable Object> samples = new HashMap<>();
  private final Set<String> accepted = new TreeSet<>();
  private final Set<Class<?>> implemented;
  private int count;

  private NullArguments(Map<Class<?>, Object> receivers) {
    OnnxModel model = SmallModels.perceptron(2, 2, 2, 1);
    samples.put(boolean.class, true);
    samples.put(int.class, 1);
    samples.put(long.class, 1L);
    samples.put(float.class, 0.5f);
    samples.put(double.class, 0.5);
    samples.put(String.class, "x");
    samples.put(Object.class, "x");
    samples.put(Path.class, ABSENT);
    samples.put(Duration.class, Duration.ofSeconds(1));
    samples.put(ByteBuffer.class, ByteBuffer.allocateDirect(8));
    samples.put(List.class, List.of());
    samples.put(Set.class, Set.of());
    samples.put(Map.class, Map.of());
    samples.put(SortedMap.class, new TreeMap<>());
    samples.put(Optional.class, Optional.empty());
    samples.put(OptionalInt.class, OptionalInt.empty());
    samples.put(OptionalLong.class, OptionalLong.empty());
    samples.put(OptionalDouble.class, OptionalDouble.empty());
    samples.put(OnnxModel.class, model);
    samples.put(Graph.class, model.graph());
    samples.put(GraphBuilder.class, Graph.builder("g"));
    samples.put(BufferPool.class, BufferPool.builder().build());
    samples.put(Precision.class, Precision.int8(Dataset.of(List.of())));
    samples.put(Target.class, Target.onnxRuntime());
    samples.put(ShapeProfile.class, ShapeProfile.named("p"));
    samples.put(Tensor.class, Tensor.of(new float[] {1}, 1));
    samples.put(TensorSpec.class, TensorSpec.of("x", DataType.FLOAT32, 1));
    samples.put(DataType.class, DataType.FLOAT32);
    samples.put(GraphEditor.class, model.graph().edit());
    samples.put(CalibrationTable.class, CalibrationTable.builder("digest", "minmax", 1).build());
    samples.putAll(receivers);
    implemented = Set.copyOf(receivers.keySet());
  }

  /**
   * Lists what takes null, or says badly that it does not.
   *
   * @param packages whose classes to call, and single classes
   * @param records of which of them the records' constructors count, too; the others' are results
   * @param fewest how many calls must be possible
   */
  public static Set<String> accepted(Set<String> packages, Set<String> records, int fewest) {
    return accepted(packages, records, fewest, Map.of());
  }

  /**
   * Lists what takes null, or says badly that it does not.
   *
   * @param packages whose classes to call, and single classes
   * @param records of which of them the records' constructors count, too; the others' are results
   * @param fewest how many calls must be possible
   * @param receivers objects of types that cannot be made from values alone; of interfaces among
   *     them all methods are called
   */
  public static Set<String> accepted(
      Set<String> packages, Set<String> records, int fewest, Map<Class<?>, Object> receivers) {
    NullArguments calls = new NullArguments(receivers);
    for (JavaClass found : ArchitectureRules.mainClassesOf("io.inferc")) {
      if (packages.contains(found.getPackageName()) || packages.contains(found.getName())) {
        calls.check(found.reflect(), records.contains(found.getPackageName()));
      }
    }
    if (calls.count < fewest) {
      calls.accepted.add("only " + calls.count + " calls were possible");
    }
    return calls.accepted;
  }

  private void check(Class<?> type, boolean constructors) {
    boolean open = Modifier.isPublic(type.getModifiers());
    for (Class<?> outer = type.getEnclosingClass(); outer != null; ) {
      open &= Modifier.isPublic(outer.getModifiers());
      outer = outer.getEnclosingClass();
    }
    if (!open || Throwable.class.isAssignableFrom(type) || type.isEnum()) {
      return;
    }
    Stream.concat(Stream.of(type.getConstructors()), Stream.of(type.getDeclaredMethods()))
        .filter(e -> Modifier.isPublic(e.getModifiers()) && !e.isSynthetic())
        .filter(e -> !e.getName().equals("equals"))
        .filter(e -> !Modifier.isAbstract(e.getModifiers()) || implemented.contains(type))
        .filter(
            e ->
                !type.isInterface()
                    || Modifier.isStatic(e.getModifiers())
                    || implemented.contains(type))
        .filter(e -> constructors || !(e instanceof Constructor))
        .forEach(this::check);
  }

  private void check(Executable executable) {
    Parameter[] parameters = executable.getParameters();
    for (int i = 0; i < parameters.length; i++) {
      if (!parameters[i].getType().isPrimitive() && !isNullable(parameters[i])) {
        check(executable, i);
      }
    }
  }

  private static boolean isNullable(Parameter parameter) {
    return parameter.getAnnotatedType().isAnnotationPresent(Nullable.class)
        || (parameter.getAnnotatedType() instanceof AnnotatedArrayType a
            && a.isAnnotationPresent(Nullable.class));
  }

  private void check(Executable executable, int position) {
    Class<?> owner = executable.getDeclaringClass();
    boolean isStatic =
        Modifier.isStatic(executable.getModifiers()) || executable instanceof Constructor;
    Object receiver = isStatic ? null : sample(owner, 0);
    if (!isStatic && receiver == null) {
      return;
    }
    Parameter[] parameters = executable.getParameters();
    @Nullable Object[] arguments = new Object[parameters.length];
    for (int i = 0; i < parameters.length; i++) {
      arguments[i] = i == position ? null : sample(parameters[i].getType(), 0);
      if (i != position && arguments[i] == null) {
        return;
      }
    }
    count++;
    String name = parameters[position].getName();
    String call =
        owner.getName().substring("io.inferc.".length()) + "#" + executable.getName() + ": " + name;
    try {
      invoke(executable, receiver, arguments);
      accepted.add(call + " is accepted");
    } catch (NullPointerException | IllegalArgumentException e) {
      if (!name.equals(e.getMessage())) {
        accepted.add(call + " ends in " + e);
      }
    } catch (Throwable e) {
      accepted.add(call + " ends in " + e.getClass().getName());
    }
  }

  private static @Nullable Object invoke(
      Executable executable, @Nullable Object receiver, @Nullable Object[] arguments)
      throws Throwable {
    try {
      return executable instanceof Constructor<?> c
          ? c.newInstance(arguments)
          : ((Method) executable).invoke(receiver, arguments);
    } catch (InvocationTargetException e) {
      throw e.getCause();
    }
  }

  /** A value of a type, or null if none can be made from values of other types. */
  private @Nullable Object sample(Class<?> type, int depth) {
    if (type.isArray()) {
      return Array.newInstance(type.getComponentType(), 0);
    }
    if (type.isEnum()) {
      return type.getEnumConstants()[0];
    }
    if (!samples.containsKey(type)) {
      samples.put(type, null);
      samples.put(type, made(type, depth));
    }
    return samples.get(type);
  }

  private @Nullable Object made(Class<?> type, int depth) {
    if (depth > 4) {
      return null;
    }
    List<Executable> makers = new ArrayList<>(List.of(type.getConstructors()));
    for (Class<?> from :
        type.getEnclosingClass() == null
            ? List.<Class<?>>of(type)
            : List.<Class<?>>of(type, type.getEnclosingClass())) {
      Stream.of(from.getDeclaredMethods())
          .filter(m -> Modifier.isPublic(m.getModifiers()) && Modifier.isStatic(m.getModifiers()))
          .filter(m -> m.getReturnType() == type)
          .forEach(makers::add);
    }
    makers.sort((a, b) -> Integer.compare(a.getParameterCount(), b.getParameterCount()));
    for (Executable maker : makers) {
      Object made = made(maker, depth);
      if (made != null) {
        return made;
      }
    }
    return type.isInterface() && !type.isSealed()
        ? Proxy.newProxyInstance(
            type.getClassLoader(), new Class<?>[] {type}, (proxy, method, arguments) -> null)
        : null;
  }

  private @Nullable Object made(Executable maker, int depth) {
    @Nullable Object[] arguments = new Object[maker.getParameterCount()];
    for (int i = 0; i < arguments.length; i++) {
      arguments[i] = sample(maker.getParameterTypes()[i], depth + 1);
      if (arguments[i] == null) {
        return null;
      }
    }
    try {
      return invoke(maker, null, arguments);
    } catch (Throwable e) {
      return null;
    }
  }
}
