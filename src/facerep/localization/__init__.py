"""Where faces are in photographs: sizes of a picture, density peaks, two stages; scenes with known boxes.

Floor 8. Source: Liu, Luo, Wang, Tang, ICCV 2015, section 3.1.
"""
