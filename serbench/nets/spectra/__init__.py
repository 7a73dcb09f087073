"""Log-mel bands and MFCC of many sounds at once by torch, on any device that has float64."""

from serbench.nets.spectra.many import device_of, extract_many

__all__ = ["device_of", "extract_many"]
