"""Which OpenBLAS this process has loaded, and which of its kernels runs."""
import ctypes
import re


def described():
    with open("/proc/self/maps") as maps:
        files = sorted({line.split()[-1] for line in maps if "openblas" in line and ".so" in line})
    found = []
    for file in files:
        library = ctypes.CDLL(file)
        for prefix, suffix in (("", ""), ("scipy_", "64_"), ("scipy_", ""), ("", "64_")):
            try:
                core = getattr(library, f"{prefix}openblas_get_corename{suffix}")
                config = getattr(library, f"{prefix}openblas_get_config{suffix}")
                threads = getattr(library, f"{prefix}openblas_get_num_threads{suffix}")
            except AttributeError:
                continue
            core.restype = config.restype = ctypes.c_char_p
            number = re.match(r"OpenBLAS [\d.]*\d", config().decode())
            found.append(f"{number.group(0) if number else 'OpenBLAS'}, kernel {core().decode()}, {threads()} thread{'s' if threads() > 1 else ''}")
            break
    return "; ".join(dict.fromkeys(found)) or "BLAS unknown"
