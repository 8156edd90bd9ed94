package io.inferc.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.inferc.Compiler;
import java.io.File;
import java.io.IOException;
import java.lang.module.ModuleDescriptor.Exports;
import java.lang.module.ModuleFinder;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFilePermission;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.tools.JavaCompiler;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The jars as an application gets them, which exist from Maven's phase "package" on. */
class PackagedLibraryTest {
  private static final String PROGRAM =
      """
      package embedding;

      import io.inferc.Compiler;
      import io.inferc.Inferc;
      import io.inferc.Isolation;
      import io.inferc.benchmark.endpoint.GrpcInferenceEndpoint;
      import io.inferc.calibrate.CalibrationTable;
      import io.inferc.calibrate.TensorRange;
      import io.inferc.common.InfercException;
      import io.inferc.onnx.Graph;
      import io.inferc.onnx.Node;
      import io.inferc.onnx.OnnxModel;
      import io.inferc.runtime.Target;
      import io.inferc.tensor.DataType;
      import io.inferc.tensor.Tensor;
      import io.inferc.tensor.TensorSpec;
      import java.nio.file.Path;
      import java.util.Arrays;
      import java.util.List;
      import java.util.Map;

      public final class Main {
        public static void main(String[] arguments) {
          Path file = Path.of(arguments[0]);
          Graph graph =
              Graph.builder("embedded")
                  .input(TensorSpec.of("x", DataType.FLOAT32, 2))
                  .node(Node.of("Relu", List.of("x"), List.of("y")))
                  .output(TensorSpec.of("y", DataType.FLOAT32, 2))
                  .build();
          OnnxModel.of(graph, 17).save(file);
          Path table = Path.of(arguments[0] + ".ranges");
          CalibrationTable.builder("0", "minimum and maximum", 1)
              .range("x", TensorRange.observed(-1, 2))
              .build()
              .save(table);
          System.out.println(CalibrationTable.load(table).ranges().keySet());
          try {
            GrpcInferenceEndpoint.open("http://127.0.0.1:1", "x").close();
          } catch (InfercException e) {
            System.out.println(e.remedy());
          }
          Path saved = Path.of(arguments[0] + ".compiled");
          Compiler compiler =
              Compiler.forTarget(Target.onnxRuntime()).isolation(Isolation.untrusted()).build();
          try (var model = compiler.compile(file)) {
            model.save(saved);
          }
          try (var model = Inferc.load(saved);
              var x = Tensor.of(new float[] {-1, 2}, 2);
              var outputs = model.run(Map.of("x", x))) {
            System.out.println(
                Main.class.getModule() + " " + Arrays.toString(outputs.get("y").toFloatArray()));
          }
        }
      }
      """;

  /**
   * What the program needs at run time, by the beginnings of the jars' names. TensorRT's presets
   * cannot be on a module path: their descriptor names packages that they do not have.
   */
  private static final List<String> NEEDED =
      List.of(
          "inferc-core",
          "inferc-backend-onnxruntime",
          "inferc-backend-openvino",
          "inferc-backend-migraphx",
          "onnxruntime",
          "jna",
          "j2html",
          "jackson-",
          "slf4j-api",
          "HdrHistogram",
          "hipparchus-");

  @TempDir Path folder;
  private List<Path> jars = List.of();

  @BeforeEach
  void findTheJars() throws URISyntaxException {
    assumeTrue(name(core()).endsWith(".jar"), "inferc is not packaged here: run mvn verify");
    String classPath =
        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
    jars =
        Arrays.stream(classPath.split(File.pathSeparator))
            .map(Path::of)
            .filter(p -> NEEDED.stream().anyMatch(p.getFileName().toString()::startsWith))
            .filter(p -> !p.toString().endsWith("-tests.jar"))
            .toList();
  }

  @Test
  void coreIsIndifferentToTheProtobufOfAnApplication() throws Exception {
    List<String> using = new ArrayList<>();
    try (JarFile core = new JarFile(core().toFile())) {
      for (JarEntry entry : core.stream().filter(e -> e.getName().endsWith(".class")).toList()) {
        String content =
            new String(core.getInputStream(entry).readAllBytes(), StandardCharsets.ISO_8859_1);
        // References have slashes; with dots, texts about schemas and properties have the name.
        if (content.contains("com/google/protobuf")) {
          using.add(entry.getName());
        }
      }
      assertNotNull(core.getEntry("io/inferc/onnx/internal/protobuf/ByteString.class"));
      assertNotNull(core.getEntry("META-INF/LICENSE-protobuf"));
    }
    assertEquals(List.of(), using);
  }

  @Test
  void theJarsMayBeReadByOthersThanWhoBuiltThem() throws IOException {
    for (Path jar : jars.stream().filter(j -> name(j).startsWith("inferc-")).toList()) {
      assumeTrue(
          Files.getFileStore(jar).supportsFileAttributeView(PosixFileAttributeView.class),
          "this file system has no permissions of that kind");
      assertTrue(
          Files.getPosixFilePermissions(jar).contains(PosixFilePermission.OTHERS_READ), name(jar));
    }
  }

  @Test
  void internalPackagesAreExportedToNobodyElse() throws Exception {
    Set<Exports> exports =
        ModuleFinder.of(core()).find("io.inferc.core").orElseThrow().descriptor().exports();
    Set<String> toAll =
        exports.stream()
            .filter(e -> !e.isQualified())
            .map(Exports::source)
            .collect(Collectors.toSet());
    assertTrue(toAll.contains("io.inferc.spi"), toAll::toString);
    assertEquals(List.of(), toAll.stream().filter(p -> p.contains("internal")).toList());
    Set<Exports> toSome = exports.stream().filter(Exports::isQualified).collect(Collectors.toSet());
    assertEquals(
        Set.of("io.inferc.common.internal"),
        toSome.stream().map(Exports::source).collect(Collectors.toSet()));
    for (String target : toSome.iterator().next().targets()) {
      assertTrue(target.startsWith("io.inferc.backend."), target);
    }
  }

  private static Path core() throws URISyntaxException {
    return Path.of(Compiler.class.getProtectionDomain().getCodeSource().getLocation().toURI());
  }

  private static String name(Path file) {
    return file.getFileName().toString();
  }

  @Test
  void theClassPathNeedsNoProtobuf() throws Exception {
    Path classes = compile("");
    assertAnswers("unnamed module", "-cp", path(classes), "embedding.Main");
  }

  /** Which they are is said in the README, and fetched by the build. */
  @Test
  void theOldestLibrariesOfAnApplicationWillDo() throws Exception {
    Path classes = compile("");
    List<Path> oldest;
    try (Stream<Path> fetched = Files.list(Path.of("target", "oldest-libraries"))) {
      oldest = fetched.map(Path::toAbsolutePath).toList();
    }
    List<String> names = oldest.stream().map(p -> p.getFileName().toString()).sorted().toList();
    assertEquals(
        List.of("jackson-annotations", "jackson-core", "jackson-databind", "protobuf-java"),
        names.stream().map(n -> n.replaceFirst("-[0-9.]+jar$", "")).toList());
    jars =
        Stream.concat(
                oldest.stream(),
                jars.stream().filter(j -> !j.getFileName().toString().startsWith("jackson-")))
            .toList();
    assertAnswers("unnamed module", "-cp", path(classes), "embedding.Main");
  }

  @Test
  void theModulePathNeedsNoFlags() throws Exception {
    Path classes = compile("module embedding { requires io.inferc.core; }");
    assertAnswers("module embedding", "-p", path(classes), "-m", "embedding/embedding.Main");
  }

  private String path(Path classes) {
    return classes
        + File.pathSeparator
        + jars.stream().map(Path::toString).collect(Collectors.joining(File.pathSeparator));
  }

  /** Compiles the program, as a module if it is given a descriptor. */
  private Path compile(String descriptor) throws IOException {
    JavaCompiler javac = ToolProvider.getSystemJavaCompiler();
    assertNotNull(javac, "the tests need a JDK");
    Path classes = Files.createDirectory(folder.resolve("classes"));
    List<String> arguments = new ArrayList<>(List.of("-d", classes.toString()));
    arguments.addAll(List.of(descriptor.isEmpty() ? "-cp" : "-p", path(classes)));
    arguments.add(Files.writeString(folder.resolve("Main.java"), PROGRAM).toString());
    if (!descriptor.isEmpty()) {
      arguments.add(Files.writeString(folder.resolve("module-info.java"), descriptor).toString());
    }
    assertEquals(0, javac.run(null, null, null, arguments.toArray(String[]::new)));
    return classes;
  }

  private void assertAnswers(String module, String... options) throws Exception {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of(options));
    command.add(folder.resolve("model.onnx").toString());
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.environment().remove("CLASSPATH");
    Process process = builder.start();
    process.getOutputStream().close();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertEquals(0, process.waitFor(), output);
    assertTrue(output.contains(module), output);
    assertTrue(output.contains("[x]"), output);
    assertTrue(output.contains("Add io.grpc:grpc-netty-shaded"), output);
    assertTrue(output.contains("[0.0, 2.0]"), output);
  }
}
