"""Code points of the subset, comma separated, for pyftsubset --unicodes-file."""

chars=set(range(0x20,0x7f))|set(range(0xa0,0x100))
for a in range(0xa1,0xff):
    for b in range(0xa1,0xff):
        try: chars|={ord(c) for c in bytes([a,b]).decode('euc_jp')}
        except UnicodeDecodeError: pass
chars|=set(range(0x2010,0x2028))|set(range(0x2030,0x205f))|set(range(0x3000,0x3100))|set(range(0xff01,0xffe7))
chars|=set(range(0x2190,0x21a0))|set(range(0x2460,0x2474))|set(range(0x25a0,0x2600))|set(range(0x2200,0x2270))
chars|={0x20ac,0x2116,0x2121,0x2122,0x3231,0x3232,0x3239}|set(range(0x2160,0x2180))|set(range(0x3300,0x3358))|set(range(0x100,0x180))
# CP932 extensions (NEC/IBM): the kanji shops meet in names (髙, 﨑)
for a in list(range(0x81,0xa0))+list(range(0xe0,0xfd)):
    for b in range(0x40,0xfd):
        try: chars|={ord(c) for c in bytes([a,b]).decode('cp932')}
        except UnicodeDecodeError: pass
print(','.join(f'{c:X}' for c in sorted(chars)))
