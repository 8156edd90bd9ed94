package io.inferc.backend.tensorrt;

import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import org.bytedeco.cuda.cudart.cudaDeviceProp;
import org.bytedeco.cuda.global.cudart;
import org.bytedeco.javacpp.Loader;
import org.bytedeco.tensorrt.global.nvinfer;
import org.bytedeco.tensorrt.global.nvonnxparser;

/** NVIDIA's libraries through the JavaCPP presets. */
final class BytedecoLibraries implements NativeLibraries {
  static {
    JavaCppMemory.liftLimits();
  }

  @Override
  public String platform() {
    return Loader.getPlatform();
  }

  @Override
  public boolean hasGlue() {
    return resource("tensorrt", "jninvinfer") && resource("cuda", "jnicudart");
  }

  private boolean resource(String artifact, String library) {
    return loader()
            .getResource(
                "org/bytedeco/"
                    + artifact
                    + "/"
                    + platform()
                    + "/"
                    + System.mapLibraryName(library))
        != null;
  }

  private static ClassLoader loader() {
    return Loader.class.getClassLoader();
  }

  @Override
  public String tensorRtPresets() {
    return presets("tensorrt");
  }

  @Override
  public String cudaPresets() {
    return presets("cuda");
  }

  private static String presets(String artifact) {
    String file = "META-INF/maven/org.bytedeco/" + artifact + "/pom.properties";
    try (InputStream in = loader().getResourceAsStream(file)) {
      Properties properties = new Properties();
      if (in != null) {
        properties.load(in);
      }
      return properties.getProperty("version", "unknown");
    } catch (IOException e) {
      return "unknown";
    }
  }

  @Override
  public void loadCuda() {
    Loader.load(cudart.class);
  }

  @Override
  public List<GpuInfo> gpus() throws CudaException {
    int[] count = new int[1];
    Cuda.check(cudart.cudaGetDeviceCount(count), "cudaGetDeviceCount");
    if (count[0] < 1) {
      throw new CudaException(CudaException.NO_DEVICE, "cudaGetDeviceCount", "it counts no device");
    }
    List<GpuInfo> gpus = new ArrayList<>();
    try (cudaDeviceProp properties = new cudaDeviceProp()) {
      for (int i = 0; i < count[0]; i++) {
        Cuda.check(cudart.cudaGetDeviceProperties(properties, i), "cudaGetDeviceProperties");
        gpus.add(
            new GpuInfo(
                i,
                properties.name().getString(),
                properties.major(),
                properties.minor(),
                properties.totalGlobalMem()));
      }
    }
    return List.copyOf(gpus);
  }

  @Override
  public void loadTensorRt() {
    Loader.load(nvinfer.class);
    Loader.load(nvonnxparser.class);
  }

  @Override
  public TensorRtVersion headers() {
    return new TensorRtVersion(
        constant("NV_TENSORRT_MAJOR"),
        constant("NV_TENSORRT_MINOR"),
        constant("NV_TENSORRT_PATCH"));
  }

  /** Read by name, because javac would copy the value of the presets that it compiles against. */
  private static int constant(String name) {
    try {
      return nvinfer.class.getField(name).getInt(null);
    } catch (ReflectiveOperationException e) {
      throw new LinkageError("the TensorRT presets have no " + name, e);
    }
  }

  @Override
  public TensorRtVersion library() {
    return TensorRtVersion.decode(nvinfer.getInferLibVersion());
  }

  @Override
  public int cudaRuntime() throws CudaException {
    int[] version = new int[1];
    Cuda.check(cudart.cudaRuntimeGetVersion(version), "cudaRuntimeGetVersion");
    return version[0];
  }

  @Override
  public BuilderResource builderResource(GpuInfo gpu) {
    LoaderPath path = LoaderPath.ofThisProcess(System.getenv("LD_LIBRARY_PATH"));
    return path.find(LoaderPath.resourceNames(library(), gpu));
  }
}
