package io.inferc.backend.openvino;

import com.sun.jna.Function;
import com.sun.jna.Memory;
import com.sun.jna.Native;
import com.sun.jna.NativeLibrary;
import com.sun.jna.Pointer;
import java.nio.ByteOrder;
import java.nio.charset.Charset;
import java.nio.file.Path;
import java.util.Map;

/**
 * The main class of the process that tries to read models, and writes OpenVINO IR.
 *
 * <p>OpenVINO's C API cannot write a model, its C++ function {@code ov::save_model} can. A C++
 * function is called by its mangled name and with its arguments as the Itanium C++ ABI and
 * libstdc++ lay them out, and an exception of its ends the process: hence one of its own.
 */
final class IrWriter {
  static final int DONE = 0;
  static final int REFUSED = 3;

  private static final String NAME = "_ZN2ov10save_modelERKSt10shared_ptrIKNS_5ModelEERK";
  // Of the overloads, the one whose path is a std::wstring: it has been there since 2024.3, while
  // the type of the other changed. Its name tells which of libstdc++'s two kinds of string it is.
  private static final String SHARED_STRING = NAME + "SbIwSt11char_traitsIwESaIwEEb";
  private static final String OWN_STRING =
      NAME + "NSt7__cxx1112basic_stringIwSt11char_traitsIwESaIwEEEb";
  private static final int WIDE_BYTES = 4;

  private IrWriter() {}

  /**
   * Reads a model, which tells whether that can be done at all, and writes it.
   *
   * @param arguments the C library, the model and, unless it shall only be read, the .xml file to
   *     write
   */
  public static void main(String... arguments) {
    try {
      OpenVinoRuntime runtime = OpenVinoRuntime.load(Path.of(arguments[0]));
      try (ReadModel model = ReadModel.of(runtime, Path.of(arguments[1]))) {
        if (arguments.length > 2) {
          write(runtime.file(), model, Path.of(arguments[2]));
        }
      }
    } catch (CallException e) {
      System.out.println(e.said());
      System.exit(REFUSED);
    }
    // Without the cleaning up of libraries, which have nothing left to lose.
    Runtime.getRuntime().halt(DONE);
  }

  private static void write(Path file, ReadModel model, Path target) {
    if (Native.WCHAR_SIZE != WIDE_BYTES) {
      throw new CallException("wide characters have " + Native.WCHAR_SIZE + " bytes here");
    }
    NativeLibrary library = NativeLibrary.getInstance(file.toString(), Map.of());
    // An ov_model_t holds a std::shared_ptr<ov::Model> and nothing before it.
    call(library, model.handle(), target.toString());
  }

  private static void call(NativeLibrary library, Pointer model, String target) {
    byte[] characters = target.getBytes(wide());
    int count = characters.length / WIDE_BYTES;
    try (Memory text = new Memory(24L + characters.length + WIDE_BYTES);
        Memory string = new Memory(32)) {
      text.clear();
      string.clear();
      text.write(24, characters, 0, characters.length);
      if (has(library, OWN_STRING)) {
        // Where the characters are, and how many; the rest is room for those of a short string.
        string.setPointer(0, text.share(24));
        string.setLong(8, count);
        string.setLong(16, count);
        invoke(library, OWN_STRING, model, string);
      } else if (has(library, SHARED_STRING)) {
        // A pointer to characters that come after their number, their room and a count of owners.
        text.setLong(0, count);
        text.setLong(8, count);
        string.setPointer(0, text.share(24));
        invoke(library, SHARED_STRING, model, string);
      } else {
        throw new CallException("this build of it has no ov::save_model that inferc can call");
      }
    }
  }

  private static Charset wide() {
    return ByteOrder.nativeOrder() == ByteOrder.LITTLE_ENDIAN
        ? Charset.forName("UTF-32LE")
        : Charset.forName("UTF-32BE");
  }

  private static boolean has(NativeLibrary library, String name) {
    try {
      library.getFunction(name);
      return true;
    } catch (UnsatisfiedLinkError e) {
      return false;
    }
  }

  private static void invoke(NativeLibrary library, String name, Pointer model, Pointer target) {
    Function function = library.getFunction(name);
    // The last argument would halve single precision.
    function.invokeVoid(new Object[] {model, target, (byte) 0});
  }
}
